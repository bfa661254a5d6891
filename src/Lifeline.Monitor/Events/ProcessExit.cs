namespace Lifeline.Monitor;

/// <summary>How a main process ended. Neither code nor signal: nobody could tell (lost).</summary>
/// <param name="ExitCode">The code of an ordinary exit.</param>
/// <param name="Signal">The signal that ended it.</param>
public readonly record struct ProcessExit(int? ExitCode, int? Signal)
{
    /// <summary>Whether the kernel wrote a core file.</summary>
    public bool CoreDumped { get; init; }

    /// <summary>Whether the kernel ended it for want of memory within its limit.</summary>
    public bool MemoryLimit { get; init; }

    /// <summary>An end of which nothing is known.</summary>
    public static ProcessExit Unknown => default;
}
