using System.Runtime.InteropServices;
using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>
/// A full memory barrier in all running threads of all processes that take part (membarrier(2), GLOBAL_EXPEDITED): so that who does something often can do it without a
/// barrier, if who does the counterpart seldom pays for both. Thread-safe.
/// </summary>
public static class ProcessBarrier
{
    private const int GlobalExpedited = 1 << 1;
    private const int RegisterGlobalExpedited = 1 << 2;

    private static readonly nint s_number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 283 : 324;
    private static readonly Lazy<bool> s_takesPart = new(() => Libc.syscall(s_number, RegisterGlobalExpedited, 0, 0, 0, 0, 0) == 0);

    /// <summary>Whether this process takes part, now and for good; false if the kernel cannot do it (before 4.16, or a filter forbids it).</summary>
    public static bool TakesPart => s_takesPart.Value;

    /// <summary>Has every running thread of the processes that take part pass a barrier before it returns.</summary>
    /// <returns>False if the kernel refused: nothing is sure then.</returns>
    public static bool TryRun() => Libc.syscall(s_number, GlobalExpedited, 0, 0, 0, 0, 0) == 0;
}
