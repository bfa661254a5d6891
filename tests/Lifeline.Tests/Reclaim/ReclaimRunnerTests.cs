using System.Diagnostics;
using System.Globalization;
using Lifeline.Contracts;
using Lifeline.Linux;
using Lifeline.Monitor;
using Lifeline.Reclaim;
using Xunit;

namespace Lifeline.Tests.Reclaim;

public sealed class ReclaimRunnerTests : IDisposable
{
    private readonly ReclaimFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Runs_of_one_service_follow_each_other_and_those_of_others_do_not_wait()
    {
        using var runner = new ReclaimRunner();
        var slow = _folder.Request() with { Command = ["sh", "-c", "echo begin >> order; while [ ! -e go ]; do sleep 0.05; done; echo end >> order"] };
        var first = runner.RunAsync(slow);
        var second = runner.RunAsync(_folder.Request() with { Command = ["sh", "-c", "echo second >> order"] });
        var other = await runner.RunAsync(_folder.Request() with { Service = "other", Command = ["true"] }).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(ReclaimOutcome.Removed, Assert.Single(other.Steps).Outcome);
        Assert.False(second.IsCompleted);
        _folder.Touch("go");
        await Task.WhenAll(first, second).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(["begin", "end", "second"], await File.ReadAllLinesAsync(_folder.At("order")));
    }

    [Fact]
    public async Task Many_at_once_all_finish()
    {
        using var runner = new ReclaimRunner();
        var runs = Enumerable.Range(0, 100).Select(i => runner.RunAsync(_folder.Request() with { Service = $"s{i}", Paths = [_folder.Touch($"f{i}")] }));
        var results = await Task.WhenAll(runs).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.All(results, r => Assert.Equal(ReclaimOutcome.Removed, Assert.Single(r.Steps).Outcome));
    }

    [Fact]
    public async Task Shared_memory_of_dead_processes_goes_and_what_is_claimed_must_be_the_services_own()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/ipcmk"), "ipcmk is needed to make a segment");
        var (creator, id) = await MakeSegmentAsync();
        var (_, foreign) = await MakeSegmentAsync();
        try
        {
            var request = _folder.Request(new ProcessTree { MainPid = creator, MainStartTicks = long.MaxValue }) with { SysVIpc = true };
            Assert.DoesNotContain((await _folder.RunAsync(request)).Steps, s => s.Kind == ReclaimKind.SysVShm);
            var result = await _folder.RunAsync(request with { StartedAt = DateTimeOffset.MaxValue.AddDays(-1) });
            Assert.DoesNotContain(result.Steps, s => s.Kind == ReclaimKind.SysVShm);

            result = await _folder.RunAsync(request with { StartedAt = TimeProvider.System.GetUtcNow().AddMinutes(-1), Claims = [new ClaimRecord(ClaimKind.SysVShm, "x"), new ClaimRecord(ClaimKind.SysVSem, "2147483647")] });
            ReclaimFolder.AssertStep(result, ReclaimKind.SysVShm, id.ToString(CultureInfo.InvariantCulture), ReclaimOutcome.Removed);
            ReclaimFolder.AssertStep(result, ReclaimKind.SysVShm, "x", ReclaimOutcome.Kept, "no id");
            ReclaimFolder.AssertStep(result, ReclaimKind.SysVSem, "2147483647", ReclaimOutcome.Absent);
            Assert.Contains(SysVObjects.List(), o => o.Kind == SysVKind.SharedMemory && o.Id == foreign);

            var claim = _folder.Request() with { Claims = [new ClaimRecord(ClaimKind.SysVShm, foreign.ToString(CultureInfo.InvariantCulture))], OwnerUid = CurrentProcess.Uid + 1 };
            ReclaimFolder.AssertStep(await _folder.RunAsync(claim), ReclaimKind.SysVShm, foreign.ToString(CultureInfo.InvariantCulture), ReclaimOutcome.Kept, "belongs to user");
        }
        finally
        {
            SysVObjects.Delete(SysVKind.SharedMemory, id);
            SysVObjects.Delete(SysVKind.SharedMemory, foreign);
        }
    }

    private static async Task<(int Pid, int Id)> MakeSegmentAsync()
    {
        using var make = Process.Start(new ProcessStartInfo("/usr/bin/ipcmk") { ArgumentList = { "-M", "4096" }, RedirectStandardOutput = true })!;
        var said = await make.StandardOutput.ReadToEndAsync();
        await make.WaitForExitAsync();
        return (make.Id, int.Parse(said.Split(':')[1].Trim(), CultureInfo.InvariantCulture));
    }
}
