namespace Lifeline.Keeper;

/// <summary>Exit codes by which a monitor tells its keeper that starting another would not help. They count only before any monitor of the keeper was ready.</summary>
internal static class MonitorExitCode
{
    /// <summary>The monitor cannot start (a busy address, an unwritable folder): the keeper ends with 1.</summary>
    public const int CannotStart = 70;

    /// <summary>The configuration is wrong: the keeper ends with 2.</summary>
    public const int WrongConfiguration = 78;
}
