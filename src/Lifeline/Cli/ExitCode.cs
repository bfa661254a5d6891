namespace Lifeline.Cli;

/// <summary>What commands end with. Scripts rely on the numbers.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongUsage = 2;
    public const int NoMonitor = 3;
    public const int NoSuchService = 4;
}
