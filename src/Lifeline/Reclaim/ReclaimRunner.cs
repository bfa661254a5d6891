using Lifeline.Contracts;
using Lifeline.Linux;

namespace Lifeline.Reclaim;

/// <summary>
/// Cleans up after dead generations, each on a thread of its own pool, so that a slow command or a stuck process delays nobody.
/// Runs of one service never overlap. Everything may be run again: what is already gone is <c>absent</c>. Safe for any thread.
/// </summary>
internal sealed class ReclaimRunner : IDisposable
{
    /// <summary>Reclaims that run at the same time.</summary>
    public const int MaxThreads = 32;

    // The removal of an empty group is no hurry, and must not take the processor from the next generation.
    private static readonly TimeSpan GroupLinger = TimeSpan.FromMilliseconds(50);

    private readonly TimeProvider _time;
    private readonly BlockingThreads _threads = new(MaxThreads, "reclaim");
    private readonly ProcessTreeReclaimer _processes;
    private readonly HolderScans _scans = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Task> _running = [];

    public ReclaimRunner(TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _processes = new ProcessTreeReclaimer(_time);
    }

    /// <summary>
    /// Runs all steps. Where a control group says that nothing lives and nothing else is asked for, it is done before this returns.
    /// Never throws for what it finds: that is a step with outcome <c>failed</c>.
    /// </summary>
    public Task<ReclaimResult> RunAsync(ReclaimRequest request)
    {
        var started = _time.GetTimestamp();
        lock (_gate)
        {
            _running.TryGetValue(request.Service, out var before);
            if (before is null or { IsCompleted: true } && IsNothingToDo(request))
            {
                var result = new ReclaimResult([], TreeEmpty: true, _time.GetElapsedTime(started));
                RemoveGroup(request);
                return Task.FromResult(result);
            }

            var run = before is null or { IsCompleted: true }
                ? _threads.Run(() => Run(request))
                : RunAfterAsync(before, request);
            _running[request.Service] = run;
            return run;
        }
    }

    /// <summary>Kills every process of a tree, its main process too, without waiting for its end. Returns why one may not be killed, if that is so.</summary>
    public Task<string?> KillAsync(ProcessTree tree) => _threads.Run(() => ProcessTreeKill.Once(tree));

    /// <summary>Removes folders for temporary files that nobody uses any more, while everything else goes on.</summary>
    public void RemoveRest(string folder) => _ = _threads.Run(() => PrivateFolderReclaimer.RemoveRest(folder));

    public void Dispose() => _threads.Dispose();

    private static bool IsNothingToDo(ReclaimRequest request) =>
        request.Paths.Count == 0 && request.Claims.Count == 0 && !request.SysVIpc && request.Command is null && request.AfterStop is null
        && request.Found.Count == 0 && request.Ports.Count == 0 && request.PrivateFolder is null
        && ProcessTreeReclaimer.IsKnownEmpty(request.Tree);

    private async Task<ReclaimResult> RunAfterAsync(Task before, ReclaimRequest request)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await _threads.Run(() => Run(request)).ConfigureAwait(false);
    }

    private ReclaimResult Run(ReclaimRequest request)
    {
        var started = _time.GetTimestamp();
        var report = new ReclaimReport();
        if (request.Tree.MainPid is { } main)
            report.DeadProcesses.Add(main);
        var empty = ProcessTreeReclaimer.IsKnownEmpty(request.Tree) || _processes.Empty(request.Tree, request.TreeTimeout, report);

        // What a living process holds must not be pulled away: without an empty tree only the tree is reclaimed.
        if (empty)
        {
            new PathReclaimer(request.OwnerUid, report, _scans).Reclaim(request.Paths, request.Claims);
            if (request.Found.Count > 0)
                new FoundReclaimer(request, report, _scans).Reclaim();
            new SysVReclaimer(request, report).Reclaim();
            if (request.Command is { Count: > 0 })
                new CommandStep(_time).Run(request, report);
            if (request.AfterStop is { } afterStop)
            {
                CommandStep.Note(request.AfterStopName, afterStop(), report);
                // What it left behind is not to meet the next generation either.
                empty = ProcessTreeReclaimer.IsKnownEmpty(request.Tree) || _processes.Empty(request.Tree, request.TreeTimeout, report);
            }
            if (empty && request.PrivateFolder is { } folder && new PrivateFolderReclaimer(report).Reclaim(folder))
                RemoveRest(folder);
            if (request.Ports.Count > 0)
                PortCheck.Run(request.Ports, report);
        }

        if (empty)
            RemoveGroup(request);
        return new ReclaimResult(report.ToSteps(), empty, _time.GetElapsedTime(started));
    }

    /// <summary>On another thread: the next generation, which has a group of its own, need not wait for it.</summary>
    private void RemoveGroup(ReclaimRequest request)
    {
        if (request is { RemoveGroup: true, Tree.Group: { } group })
            _ = RemoveLaterAsync(group);
    }

    private async Task RemoveLaterAsync(ControlGroup group)
    {
        await Task.Delay(GroupLinger, _time).ConfigureAwait(false);
        Task removal = _threads.Run(group.Remove);
        await removal.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
