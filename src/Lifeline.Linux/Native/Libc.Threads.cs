using System.Runtime.InteropServices;

namespace Lifeline.Linux.Native;

/// <summary>Threads and what they wait for in memory.</summary>
internal static unsafe partial class Libc
{
    public const int FutexWait = 0;
    public const int FutexWake = 1;
    public const int FutexPrivate = 128;
    public const uint FutexSize32 = 2;
    public const int AdviceDoNotFork = 10;

    // The newer calls have one number on all architectures, the older ones have not.
    public const int SysFutexWaitV = 449;

    public static int SysFutex { get; } = Number(x64: 202, generic: 98);

    public static int SysGetTid { get; } = Number(x64: 186, generic: 178);

    public static int SysSetRobustList { get; } = Number(x64: 273, generic: 99);

    public static int SysSchedSetAttr { get; } = Number(x64: 314, generic: 274);

    public static int SysSchedGetAttr { get; } = Number(x64: 315, generic: 275);

    // A read of the thread's own memory, or of the kernel's page: too short for the runtime's preparations.
    [LibraryImport(Library)]
    [SuppressGCTransition]
    public static partial int sched_getcpu();

    private static int Number(int x64, int generic) => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? x64 : generic;
}

/// <summary>struct sched_attr as of its first version.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SchedulingAttributes
{
    public uint Size;
    public uint Policy;
    public ulong Flags;
    public int Nice;
    public uint Priority;
    public ulong Runtime;
    public ulong Deadline;
    public ulong Period;
}

/// <summary>struct robust_list_head: what the kernel walks when the thread ends.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct RobustListHead
{
    public void* First;
    public nint WordOffset;
    public void* Pending;
}
