namespace Lifeline.Keeper;

/// <summary>Delay before a keeper or monitor is started again: none at first, then doubling up to a limit.</summary>
internal static class RestartDelay
{
    /// <param name="failures">Starts in a row that did not earn a reset; 0 is the first restart.</param>
    public static long Nanoseconds(int failures)
    {
        if (failures <= 0) return 0;
        long delay = KeeperTiming.Nanoseconds(KeeperTiming.RestartInitial);
        long most = KeeperTiming.Nanoseconds(KeeperTiming.RestartMaximum);
        for (int i = 1; i < failures && delay < most; i++) delay *= 2;
        return Math.Min(delay, most);
    }
}
