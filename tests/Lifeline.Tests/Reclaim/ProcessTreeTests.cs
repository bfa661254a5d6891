using System.Globalization;
using Lifeline.Contracts;
using Lifeline.Linux;
using Lifeline.Reclaim;
using Xunit;

namespace Lifeline.Tests.Reclaim;

public sealed class ProcessTreeTests : IDisposable
{
    // Leaves its session, its parents and its environment, and ignores what it can.
    private const string Escapee = "(env -i setsid sh -c 'trap \"\" TERM HUP INT; echo $$ > escaped; while :; do sleep 1000; done' &) ; ";

    private readonly ReclaimFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nothing_escapes_a_control_group()
    {
        var group = _folder.Group();
        var main = _folder.Shell(Escapee + "echo $$ > main; exec sleep 1000", group);
        var escaped = await _folder.PidInAsync("escaped");
        var pid = await _folder.PidInAsync("main");
        main.Kill();
        await main.WaitForExitAsync();

        var result = await _folder.RunAsync(_folder.Request(new ProcessTree { Group = group, MainPid = pid }));
        Assert.True(result.TreeEmpty);
        Assert.False(group.IsPopulated);
        Assert.False(ReclaimFolder.IsAlive(escaped));
        ReclaimFolder.AssertStep(result, ReclaimKind.Process, escaped.ToString(CultureInfo.InvariantCulture), ReclaimOutcome.Killed);
    }

    [Fact]
    public async Task A_process_that_forks_all_the_time_is_caught()
    {
        var group = _folder.Group();
        _folder.Shell("while :; do sh -c 'sleep 1000 & sleep 1000' & sleep 0.01; done & echo $! > forker; wait", group);
        await _folder.PidInAsync("forker");
        var result = await _folder.RunAsync(_folder.Request(new ProcessTree { Group = group }));
        Assert.True(result.TreeEmpty);
        Assert.False(group.IsPopulated);
        Assert.NotEmpty(result.Steps);
    }

    [Fact]
    public async Task An_empty_group_and_nothing_else_to_do_is_done_before_the_call_returns()
    {
        var group = _folder.Group();
        using var runner = new ReclaimRunner();
        var run = runner.RunAsync(_folder.Request(new ProcessTree { Group = group, MainPid = 4711 }));
        Assert.True(run.IsCompletedSuccessfully);
        var result = await run;
        Assert.True(result.TreeEmpty);
        Assert.Empty(result.Steps);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (group.Exists)
            await Task.Delay(5, deadline.Token);
    }

    [Fact]
    public async Task Running_it_again_finds_nothing()
    {
        var group = _folder.Group();
        _folder.Shell("echo $$ > main; exec sleep 1000", group);
        await _folder.PidInAsync("main");
        var request = _folder.Request(new ProcessTree { Group = group }) with { Paths = [_folder.Touch("left")], RemoveGroup = false };
        Assert.Equal([ReclaimOutcome.Killed, ReclaimOutcome.Removed], (await _folder.RunAsync(request)).Steps.Select(s => s.Outcome));
        Assert.True(group.Remove());
        Assert.Equal([ReclaimOutcome.Absent], (await _folder.RunAsync(request)).Steps.Select(s => s.Outcome));
    }

    [Fact]
    public async Task Without_a_group_session_marker_and_descent_are_followed_and_others_are_left_alone()
    {
        var bystander = _folder.Shell("echo $$ > bystander; exec sleep 1000");
        var main = _folder.Shell(
            "setsid sh -c 'echo $$ > marked; exec sleep 1000' & "
            + "env -i sh -c 'echo $$ > insession; exec sleep 1000' & "
            + "setsid sh -c 'env -i setsid sh -c \"echo \\$\\$ > descendant; exec sleep 1000\" & wait' & "
            + "echo $$ > main; wait",
            environment: [("LIFELINE_TEST", _folder.Marker)]);
        int[] members = [await _folder.PidInAsync("marked"), await _folder.PidInAsync("insession"), await _folder.PidInAsync("descendant")];
        var pid = await _folder.PidInAsync("main");
        var other = await _folder.PidInAsync("bystander");
        var ticks = ProcFs.TryReadStat(pid)!.StartTimeTicks;
        main.Kill();
        await main.WaitForExitAsync();

        var result = await _folder.RunAsync(_folder.Request(new ProcessTree
        {
            MainPid = pid,
            MainStartTicks = ticks,
            Marker = [new("LIFELINE_TEST", _folder.Marker)],
        }));
        Assert.True(result.TreeEmpty);
        Assert.All(members, m => Assert.False(ReclaimFolder.IsAlive(m)));
        Assert.True(ReclaimFolder.IsAlive(other));
        Assert.All(members, m => ReclaimFolder.AssertStep(result, ReclaimKind.Process, m.ToString(CultureInfo.InvariantCulture), ReclaimOutcome.Killed));
        Assert.False(bystander.HasExited);
    }

    [Fact]
    public async Task An_orphan_that_shows_no_sign_is_kept_and_named()
    {
        // The shell stands for the keeper, to which orphans fall.
        var keeper = _folder.Shell("env -i setsid sh -c 'echo $$ > orphan; exec sleep 1000' & echo $$ > keeper; wait");
        var orphan = await _folder.PidInAsync("orphan");
        var keeperPid = await _folder.PidInAsync("keeper");
        var result = await _folder.RunAsync(_folder.Request(new ProcessTree { Marker = [new("LIFELINE_TEST", _folder.Marker)], KeeperPid = keeperPid }));
        Assert.True(ReclaimFolder.IsAlive(orphan));
        Assert.False(keeper.HasExited);
        ReclaimFolder.AssertStep(
            result, ReclaimKind.Process, orphan.ToString(CultureInfo.InvariantCulture), ReclaimOutcome.Kept, "nothing tells whose it was");
    }

    [Fact]
    public async Task Spared_processes_live_whatever_they_carry()
    {
        _folder.Shell("echo $$ > spared; exec sleep 1000", environment: [("LIFELINE_TEST", _folder.Marker)]);
        var spared = await _folder.PidInAsync("spared");
        var result = await _folder.RunAsync(_folder.Request(new ProcessTree
        {
            Marker = [new("LIFELINE_TEST", _folder.Marker)],
            Spared = new HashSet<int> { spared },
        }));
        Assert.True(result.TreeEmpty);
        Assert.Empty(result.Steps);
        Assert.True(ReclaimFolder.IsAlive(spared));
    }

    [Fact]
    public async Task Killing_takes_the_main_process_too()
    {
        var main = _folder.Shell("echo $$ > main; exec sleep 1000", environment: [("LIFELINE_TEST", _folder.Marker)]);
        var pid = await _folder.PidInAsync("main");
        using var runner = new ReclaimRunner();
        await runner.KillAsync(new ProcessTree { MainPid = pid, MainStartTicks = ProcFs.TryReadStat(pid)!.StartTimeTicks });
        await main.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void What_the_method_can_miss_is_said()
    {
        var without = ProcessTreeProbe.Of(null);
        Assert.Equal(ProcessTreeMethod.Scan, without.Method);
        Assert.NotNull(without.CanMiss);
        if (ControlGroupRoot.Find("lifeline-tests") is { } root)
            Assert.Null(ProcessTreeProbe.Of(root).CanMiss);
    }
}
