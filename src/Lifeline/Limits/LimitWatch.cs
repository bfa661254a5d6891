using Lifeline.Configuration;
using Lifeline.Linux;
using Lifeline.Monitor;
using Lifeline.Reclaim;
using Lifeline.Supervision;

namespace Lifeline.Limits;

/// <summary>
/// Looks twice a second at the services that have a limit of memory or processes: whether the kernel has ended a process of them for it, or, where
/// no controller holds them, how much they have. One pass for all, on a thread of its own, and none while no such service lives. Safe for any thread.
/// </summary>
internal sealed class LimitWatch : IDisposable
{
    /// <summary>From one pass to the next.</summary>
    public static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(500);

    private readonly ServiceDirectory _services;
    private readonly ControlGroups _groups;
    private readonly BlockingThreads _thread = new(1, "limits");
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private bool _isOn;
    private bool _isNews;
    private bool _disposed;

    public LimitWatch(ServiceDirectory services, ControlGroups groups, TimeProvider time)
    {
        (_services, _groups) = (services, groups);
        _timer = time.CreateTimer(_ => _ = LookAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Told of services beyond their limit.</summary>
    public Action<LimitExceeded> Found { get; set; } = _ => { };

    /// <summary>The state of some slots.</summary>
    public Func<IReadOnlyList<string>, Task<IReadOnlyList<SlotView>>> Views { get; set; } = _ => Task.FromResult<IReadOnlyList<SlotView>>([]);

    /// <summary>Who is asked and told. Set once, before the first <see cref="Begin()"/>.</summary>
    public void Attach(Supervisor supervisor)
    {
        Found = supervisor.Post;
        Views = names => supervisor.AskAsync<IReadOnlyList<SlotView>>(core => [.. names.Select(core.View).OfType<SlotView>()]);
    }

    /// <summary>Something lives that may have a limit.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            _isNews = true;
            if (_isOn || _disposed)
                return;
            _isOn = true;
            _timer.Change(Spacing, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>A generation was launched.</summary>
    public void Begin(string service)
    {
        if (_services.FindSlot(service) is { } launched && IsLookedAt(launched))
            Begin();
    }

    /// <summary>What a generation that has just ended was beyond, if the kernel ended a process of it for that.</summary>
    public LimitExceeded? WhyEnded(string service, int generation) =>
        _services.FindSlot(service)?.Limits.Memory is { } limit && _groups.MemoryOf(service, generation) is { } group && EndedByKernel(group)
            ? new LimitExceeded(service, generation, group.Peak, limit, IsKernel: true)
            : null;

    public void Dispose()
    {
        lock (_gate)
            _disposed = true;
        _timer.Dispose();
        _thread.Dispose();
    }

    private async Task LookAsync()
    {
        lock (_gate)
            _isNews = false;
        var alive = true;
        try
        {
            var names = _services.All.Where(IsLookedAt).SelectMany(ServiceDirectory.SlotsOf).ToList();
            var views = names.Count == 0 ? [] : await Views(names).ConfigureAwait(false);
            var living = views.Where(view => view.Pid is not null).ToList();
            alive = living.Count > 0;
            if (alive)
                await _thread.Run(() => LookAt(living)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is LinuxException or InvalidOperationException)
        {
            // For want of descriptors, for example: the next pass looks again.
        }
        finally
        {
            lock (_gate)
            {
                _isOn = (alive || _isNews) && !_disposed;
                if (_isOn)
                    _timer.Change(Spacing, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private bool IsLookedAt(ServiceConfiguration service) =>
        service.Limits.Memory is not null || (service.Limits.Processes is not null && !_groups.HoldsProcesses);

    private bool LookAt(List<SlotView> living)
    {
        foreach (var view in living)
            if (_services.FindSlot(view.Service)?.Limits is { } limits && (LookAtMemory(view, limits.Memory) ?? LookAtProcesses(view, limits.Processes)) is { } over)
                Found(over);
        return true;
    }

    private LimitExceeded? LookAtProcesses(SlotView view, int? most) =>
        most is { } limit && !_groups.LimitsProcessesOf(view.Service, view.Generation)
        && ProcessReading.Beyond(limit, _groups.Of(view.Service, view.Generation), view.Pid!.Value) is { } count
            ? new LimitExceeded(view.Service, view.Generation, count, limit, IsKernel: false) { Kind = LimitKind.Processes }
            : null;

    private LimitExceeded? LookAtMemory(SlotView view, long? most)
    {
        if (most is not { } limit)
            return null;
        if (_groups.MemoryOf(view.Service, view.Generation) is { IsLimited: true } group)
            return EndedByKernel(group) ? new LimitExceeded(view.Service, view.Generation, group.Peak, limit, IsKernel: true) : null;
        var members = MemoryReading.Members(_groups.Of(view.Service, view.Generation), view.Pid!.Value);
        return MemoryReading.Beyond(limit, members) is { } bytes ? new LimitExceeded(view.Service, view.Generation, bytes, limit, IsKernel: false) : null;
    }

    private static bool EndedByKernel(MemoryGroup group)
    {
        try
        {
            return group.HasEndedOne;
        }
        catch (LinuxException)
        {
            return false;
        }
    }
}
