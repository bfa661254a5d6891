using System.Runtime.InteropServices;

namespace Lifeline.Linux.Native;

/// <summary>Processes, identities and limits.</summary>
internal static unsafe partial class Libc
{
    public const int WaitForPidFd = 3;
    public const int WaitForAll = 0;
    public const int WaitForPid = 1;
    public const int WaitExited = 4;
    public const int WaitNoHang = 1;
    public const int WaitNoReap = 0x01000000;

    // The newer calls have one number on all architectures.
    public const int SysPidFdSendSignal = 424;
    public const int SysPidFdOpen = 434;
    public const int SysOpenAt2 = 437;
    public const int SysPidFdGetFd = 438;

    /// <summary>KCMP_FILE</summary>
    public const int CompareFile = 0;

    /// <summary>kcmp; -1 where its number is not known.</summary>
    public static readonly int SysCompare = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 312,
        Architecture.Arm64 or Architecture.RiscV64 or Architecture.LoongArch64 => 272,
        _ => -1,
    };

    /// <summary>getdents64; -1 where its number is not known.</summary>
    public static readonly int SysListFolder = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 217,
        Architecture.Arm64 or Architecture.RiscV64 or Architecture.LoongArch64 => 61,
        _ => -1,
    };

    [LibraryImport(Library, SetLastError = true)]
    public static partial int waitid(int kind, uint id, byte* info, int options, void* usage);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport(Library)]
    public static partial int getpid();

    [LibraryImport(Library)]
    public static partial int getppid();

    [LibraryImport(Library)]
    public static partial uint geteuid();

    [LibraryImport(Library)]
    public static partial uint getegid();

    [LibraryImport(Library, SetLastError = true)]
    public static partial int setsid();

    [LibraryImport(Library)]
    public static partial uint umask(uint mask);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int setpriority(int which, uint who, int value);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int setrlimit(int resource, ResourceLimits* limits);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int getrlimit(int resource, ResourceLimits* limits);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int setgroups(nuint count, uint* groups);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int setresuid(uint real, uint effective, uint saved);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int setresgid(uint real, uint effective, uint saved);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int chdir(string path);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int execve(byte* path, byte** arguments, byte** environment);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int fork();

    [LibraryImport(Library)]
    public static partial void _exit(int code);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int kill(int pid, int signal);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int sigaction(int signal, byte* action, byte* old);

    [LibraryImport(Library)]
    public static partial int sigprocmask(int how, byte* set, byte* old);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int dup3(int from, int to, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int close_range(uint first, uint last, uint flags);

    [LibraryImport(Library)]
    public static partial int clock_gettime(int clock, TimeSpec* time);

    [LibraryImport(Library)]
    public static partial int posix_spawn(int* pid, byte* path, void* actions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_init(void* actions);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_destroy(void* actions);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_adddup2(void* actions, int from, int to);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_addclose(void* actions, int fd);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_addclosefrom_np(void* actions, int from);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_addchdir_np(void* actions, byte* path);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_init(void* attributes);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_destroy(void* attributes);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_setflags(void* attributes, short flags);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_setsigmask(void* attributes, byte* mask);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_setsigdefault(void* attributes, byte* mask);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int getpwnam_r(string name, byte* entry, byte* buffer, nuint length, void** result);

    [LibraryImport(Library)]
    public static partial int getpwuid_r(uint uid, byte* entry, byte* buffer, nuint length, void** result);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int getgrnam_r(string name, byte* entry, byte* buffer, nuint length, void** result);

    [LibraryImport(Library)]
    public static partial int getgrouplist(byte* user, uint group, uint* groups, int* count);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int shmctl(int id, int command, void* buffer);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int semctl(int id, int number, int command, nint argument);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int msgctl(int id, int command, void* buffer);
}

[StructLayout(LayoutKind.Sequential)]
internal struct TimeSpec
{
    public long Seconds;
    public long Nanoseconds;
}

[StructLayout(LayoutKind.Sequential)]
internal struct ResourceLimits
{
    public ulong Soft;
    public ulong Hard;
}
