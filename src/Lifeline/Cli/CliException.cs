namespace Lifeline.Cli;

/// <summary>Ends a command with an exit code, a message and, on a line of its own, what may help.</summary>
internal sealed class CliException(int exitCode, string message, string? hint = null, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;

    public string? Hint { get; } = hint;
}
