using Lifeline.Keeper;
using Lifeline.Linux;

namespace Lifeline.Tests.Keeper;

/// <summary>Launchers are copies of the keeper where it was compiled ahead of time: nothing of the keeper's stays with them.</summary>
public sealed class LauncherCopyTests : IDisposable
{
    private const int Many = 200;

    private readonly KeeperHouse house;

    public LauncherCopyTests()
    {
        Assert.SkipUnless(
            Environment.GetEnvironmentVariable("LIFELINE_TEST_EXECUTABLE") is not null, "a development build starts its launchers (LIFELINE_TEST_EXECUTABLE names another build)");
        house = new(); // nobody disposes of a test that is skipped: its keeper would live on
    }

    public void Dispose() => house.Dispose();

    [Fact]
    public void A_launcher_that_waits_holds_its_output_socket_and_lock_and_shows_what_it_is()
    {
        MonitorAtTest monitor = house.NextMonitor();
        monitor.Link.UseGroups(0, "");
        for (int i = 0; i < Many; i++) monitor.Link.Launch(house.Shell($"s{i}", 1, "exec sleep 1000"));
        for (int i = 0; i < Many; i++) house.Track(monitor.Expect<LaunchedMessage>().Pid);

        int launcher = 0;
        // One that waits may be replaced meanwhile.
        Assert.True(Comes(() => (launcher = FindWaiting()) != 0 && Numbers(launcher).Count() == 5), $"launcher {launcher} holds {string.Join(' ', Numbers(launcher))}");
        Assert.Equal("/dev/null", File.ResolveLinkTarget($"/proc/{launcher}/fd/0", returnFinalTarget: false)!.FullName);
        Assert.Equal(launcher, ProcFs.TryReadStat(launcher)!.Session);
        Assert.NotEqual(SelfCommand.Launcher, ProcFs.TryReadCommandLine(house.Keeper.Id)![1]);
    }

    [Fact]
    public void A_launcher_that_is_killed_while_it_waits_is_replaced_and_costs_no_launch()
    {
        MonitorAtTest monitor = house.NextMonitor();
        monitor.Link.UseGroups(0, "");
        for (int i = 0; i < 10; i++)
        {
            int launcher = 0;
            Assert.True(Comes(() => (launcher = FindWaiting()) != 0), "no launcher waits");
            using PidFd? process = PidFd.TryOpen(launcher);
            process?.TrySignal(Signals.Kill);
            KeeperHouse.WaitGone(launcher);
        }

        Assert.True(KeeperHouse.IsAlive(house.Track(monitor.Launch(house.Shell("a", 1, "exec sleep 1000")).Pid)));
    }

    private int FindWaiting() => (ProcFs.TryReadChildren(house.Keeper.Id) ?? [])
        .FirstOrDefault(child => ProcFs.TryReadCommandLine(child) is { Count: > 1 } words && words[1] == SelfCommand.Launcher);

    private static IEnumerable<string> Numbers(int pid)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd").Select(path => Path.GetFileName(path))];
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static bool Comes(Func<bool> condition)
    {
        long until = MonotonicClock.Nanoseconds + KeeperTiming.Nanoseconds(MonitorAtTest.Patience);
        using EventFd never = EventFd.Create();
        while (!condition())
        {
            if (MonotonicClock.Nanoseconds > until) return false;
            Poller.IsReady(never, PollEvents.In, 10);
        }

        return true;
    }
}
