namespace Lifeline.Linux;

/// <summary>How a process ended: by a code or by a signal.</summary>
/// <param name="ExitCode">Code of an ordinary exit, 0 to 255.</param>
/// <param name="Signal">The signal that ended it.</param>
/// <param name="CoreDumped">Whether a core file was written.</param>
public readonly record struct ExitStatus(int? ExitCode, int? Signal, bool CoreDumped)
{
    // The encoding of wait(2).
    internal static ExitStatus FromWaitStatus(int status) => (status & 0x7F) == 0
        ? new ExitStatus((status >> 8) & 0xFF, null, false)
        : new ExitStatus(null, status & 0x7F, (status & 0x80) != 0);
}
