using System.Collections.Concurrent;
using System.Globalization;
using Lifeline.Contracts;
using Lifeline.Ipc;
using Lifeline.Keeper;
using Lifeline.Linux;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>
/// All registered processes by session, and the slots that the keeper holds for them, so that the last status of the dead is found
/// whoever died. Safe for any thread.
/// </summary>
internal sealed class Reporters(KeeperLink keeper)
{
    private const string SlotPrefix = "slot/";

    private readonly ConcurrentDictionary<long, Reporter> _bySession = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Service, int Generation), List<Reporter>> _byGeneration = [];
    private long _lastHeld;

    public Reporter? Find(IpcSession? session) => session is not null && _bySession.TryGetValue(session.Id, out var reporter) ? reporter : null;

    /// <summary>The service that registered over a session; null: none did.</summary>
    public string? ServiceOf(long session) => _bySession.GetValueOrDefault(session) is { } reporter ? SlotKeys.ServiceOf(reporter.Service) : null;

    /// <summary>The registered processes of a generation, and the slots left of it.</summary>
    public IReadOnlyList<Reporter> Of(string service, int generation)
    {
        lock (_gate)
            return _byGeneration.TryGetValue((service, generation), out var reporters) ? [.. reporters] : [];
    }

    /// <summary>Adds a process that registered; an earlier registration of the same process is replaced.</summary>
    /// <exception cref="IpcException">The generation has too many reporters, or its slot cannot be used.</exception>
    public Reporter Add(string service, int generation, IpcSession session, RegistrationRequest request)
    {
        var (slot, refusal) = request.StatusSlot is null ? (null, null) : Reporter.MapSlot(request.StatusSlot);
        if (refusal is not null)
            throw new IpcException(IpcError.CheckParam, $"The registration of process {session.Peer.Pid} is refused: {refusal}.");
        var reporter = new Reporter(service, generation, session.Id, session.Peer.Pid, request, slot);
        lock (_gate)
        {
            var all = ListOf(service, generation);
            foreach (var earlier in all.Where(r => r.Pid == reporter.Pid).ToList())
                Remove(all, earlier);
            if (all.Count >= SupervisionLimits.MaxReporters)
            {
                slot?.Dispose();
                throw new IpcException(IpcError.LimitReached, $"{service} has {all.Count} reporting processes already, the limit.");
            }

            all.Add(reporter);
        }

        _bySession[session.Id] = reporter;
        if (request.StatusSlot is not null)
            keeper.Put(SlotName(service, generation, reporter.Pid), request.StatusSlot);
        return reporter;
    }

    /// <summary>The session is over; its slot stays until the generation is reclaimed.</summary>
    public void EndSession(long session) => _bySession.TryRemove(session, out _);

    /// <summary>A generation is reclaimed and its last status read.</summary>
    public void Forget(string service, int generation)
    {
        List<Reporter>? reporters;
        lock (_gate)
            _byGeneration.Remove((service, generation), out reporters);
        foreach (var reporter in reporters ?? [])
        {
            _bySession.TryRemove(reporter.Session, out _);
            keeper.Drop(SlotName(service, generation, reporter.Pid));
            reporter.Dispose();
        }
    }

    /// <summary>Takes the slots that an earlier monitor left with the keeper.</summary>
    public void TakeHeldSlots(IEnumerable<string> descriptorNames)
    {
        foreach (var name in descriptorNames)
        {
            if (!name.StartsWith(SlotPrefix, StringComparison.Ordinal) || name.Split('/') is not [_, var service, var number, var process])
                continue;
            if (!int.TryParse(number, CultureInfo.InvariantCulture, out var generation) || !int.TryParse(process, CultureInfo.InvariantCulture, out var pid))
                continue;
            using var descriptor = keeper.Duplicate(name);
            if (descriptor is null || Reporter.MapSlot(descriptor).Slot is not { } slot)
                continue;
            lock (_gate)
                ListOf(service, generation).Add(new Reporter(service, generation, --_lastHeld, pid, null, slot));
        }
    }

    private static string SlotName(string service, int generation, int pid) =>
        string.Create(CultureInfo.InvariantCulture, $"{SlotPrefix}{service}/{generation}/{pid}");

    private List<Reporter> ListOf(string service, int generation)
    {
        if (!_byGeneration.TryGetValue((service, generation), out var reporters))
            _byGeneration[(service, generation)] = reporters = [];
        return reporters;
    }

    private void Remove(List<Reporter> all, Reporter reporter)
    {
        all.Remove(reporter);
        _bySession.TryRemove(reporter.Session, out _);
        reporter.Dispose();
    }
}
