using Lifeline.Configuration;
using Lifeline.Journal;
using Lifeline.Keeper;
using Lifeline.Limits;
using Lifeline.Linux;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>What lives when a monitor starts: the keeper's list, and what outlived both keeper and monitor.</summary>
internal sealed class Recovery(KeeperLink keeper, JournalStore journal, CallerResolver callers, ControlGroups groups, LimitWatch limits)
{
    private readonly HashSet<string> _held = [.. keeper.State.Descriptors];

    private readonly Dictionary<string, int> _adoptedPids = new(StringComparer.Ordinal);

    /// <summary>The saved records of all slots that can be read, and of those of which only the keeper still knows a number.</summary>
    public IReadOnlyList<SlotRecord> Records { get; } = WithNumbersOf(keeper.State, ReadRecords(journal));

    /// <summary>Processes that no keeper knew, found by pid, start time and boot id, and taken over now.</summary>
    public List<(string Service, int Generation, int Pid)> Adopted { get; } = [];

    /// <summary>
    /// Generations that were ordered and of which nobody knows what became: both keeper and monitor died before that was written down.
    /// </summary>
    public IReadOnlyList<(string Service, int Generation)> Unknown =>
        [.. Records.Where(r => r.Phase == SlotPhase.Launching && r.BootId == ProcFs.BootId && groups.Of(r.Service, r.Generation) is null)
            .Select(r => (r.Service, r.Generation))];

    /// <summary>Whether a service had been started and was not stopped since: what it writes to and speaks through is to be opened before anything else.</summary>
    public Func<ServiceConfiguration, bool> HasBegun(IReadOnlyCollection<InstanceReport> instances)
    {
        var begun = new HashSet<string>(StringComparer.Ordinal);
        begun.UnionWith(instances.Select(instance => SlotKeys.ServiceOf(instance.Service)));
        begun.UnionWith(Records.Where(record => record.Phase != SlotPhase.Stopped).Select(record => SlotKeys.ServiceOf(record.Service)));
        begun.UnionWith(keeper.State.Descriptors);
        return service => begun.Contains(service.Name) || SlotsOf(service).Any(slot => begun.Contains(LogPipes.OutputName(slot)));
    }

    /// <summary>What a service that had begun wrote into: the slot, the generation of which that is, and the process if its keeper is gone.</summary>
    public IEnumerable<(string Slot, int Generation, int? AdoptedPid)> OutputsOf(ServiceConfiguration service, ILookup<string, InstanceReport> bySlot)
    {
        foreach (var slot in SlotsOf(service))
        {
            if (SlotKeys.IsSecond(slot) && !bySlot.Contains(slot) && !_held.Contains(LogPipes.OutputName(slot)))
                continue;
            var newest = bySlot[slot].Select(instance => instance.Generation).DefaultIfEmpty().Max();
            yield return (slot, newest, _adoptedPids.TryGetValue(slot, out var pid) ? pid : null);
        }
    }

    public IReadOnlyList<InstanceReport> List()
    {
        NoteGroups();
        var instances = new List<InstanceReport>();
        instances.AddRange(keeper.State.Processes.Select(Report));
        instances.AddRange(keeper.State.Exits.Select(Report));
        instances.AddRange(keeper.State.Launches.Select(l => new InstanceReport(l.Slot, l.Generation, InstancePresence.Launching)));
        var newest = instances.GroupBy(i => i.Service).ToDictionary(of => of.Key, of => of.Max(i => i.Generation), StringComparer.Ordinal);
        foreach (var record in Records)
        {
            if (newest.TryGetValue(record.Service, out var known) && known >= record.Generation)
                continue;
            if (TryAdopt(record) is { } adopted)
                instances.Add(adopted);
        }

        foreach (var alive in instances.Where(i => i is { Presence: InstancePresence.Alive, Pid: not null }))
            callers.Add(alive.Pid!.Value, alive.Service, alive.Generation);
        return instances;
    }

    public static ProcessExit ExitOf(ExitStatus? status) => status is { } exit
        ? new ProcessExit(exit.ExitCode, exit.Signal) { CoreDumped = exit.CoreDumped }
        : ProcessExit.Unknown;

    // Both, whatever the configuration says now: a generation lives on where it was started.
    private static string[] SlotsOf(ServiceConfiguration service) => [service.Name, SlotKeys.SecondOf(service.Name)];

    private static InstanceReport Report(KeeperProcess process) =>
        new(process.Slot, process.Generation, InstancePresence.Alive)
        {
            Pid = process.Pid,
            StartTicks = process.StartTime,
            ExecAt = process.ExecAtNanoseconds > 0 ? process.ExecAtNanoseconds : null,
        };

    private InstanceReport Report(ExitedMessage exit) =>
        new(exit.Slot, exit.Generation, InstancePresence.Exited)
        {
            Pid = exit.Pid,
            Exit = ExitOf(exit.Status) with { MemoryLimit = limits.WhyEnded(exit.Slot, exit.Generation) is not null },
            ExitAt = exit.ExitAtNanoseconds,
        };

    // After a lost journal a generation must not begin at 1 again: the keeper accepts each number once.
    private static List<SlotRecord> WithNumbersOf(KeeperState state, List<SlotRecord> records)
    {
        var known = new HashSet<string>(records.Select(r => r.Service), StringComparer.Ordinal);
        known.UnionWith(state.Processes.Select(p => p.Slot));
        known.UnionWith(state.Exits.Select(e => e.Slot));
        known.UnionWith(state.Launches.Select(l => l.Slot));
        foreach (var (slot, generation) in state.LastGenerations)
        {
            if (known.Add(slot))
                records.Add(new SlotRecord { Service = slot, BootId = ProcFs.BootId, Generation = generation, DiedGeneration = generation, ShutDown = true });
        }

        return records;
    }

    private static List<SlotRecord> ReadRecords(JournalStore journal)
    {
        var records = new List<SlotRecord>();
        foreach (var slot in journal.Recovered.Slots)
        {
            try
            {
                records.Add(SlotRecordCodec.Decode(slot.Data.Span));
            }
            catch (FormatException)
            {
                // The counters of one service are lost; the number of its generation must not be: it could be used twice.
                records.Add(new SlotRecord { Service = slot.Slot, BootId = slot.BootId ?? "", Generation = slot.Generation, Wanted = true });
            }
        }

        return records;
    }

    // The keeper's word, then what the kernel says of the living; the journal was read before.
    private void NoteGroups()
    {
        foreach (var launch in keeper.State.Launches)
            groups.Note(launch.Slot, launch.Generation, launch.Group ?? groups.OldPath(launch.Slot, launch.Generation));
        foreach (var exit in keeper.State.Exits)
            groups.Note(exit.Slot, exit.Generation, exit.Group ?? groups.OldPath(exit.Slot, exit.Generation));
        foreach (var process in keeper.State.Processes)
            groups.Note(process.Slot, process.Generation, process.Group ?? groups.GroupOf(process.Pid));
    }

    private InstanceReport? TryAdopt(SlotRecord record)
    {
        if (record.Pid is not { } pid || record.BootId != ProcFs.BootId || record.StartTicks == 0)
            return null;
        using var process = PidFd.TryOpen(pid);
        // Read after the descriptor was opened: the number cannot change its owner any more.
        if (process is null || ProcFs.TryReadStat(pid) is not { IsZombie: false } stat || stat.StartTimeTicks != record.StartTicks)
            return null;
        if (groups.Of(record.Service, record.Generation) is null)
            groups.Note(record.Service, record.Generation, groups.GroupOf(pid));
        var known = new KeeperProcess(record.Service, record.Generation, pid, record.StartTicks, record.ExecAt ?? 0)
        {
            Group = groups.Of(record.Service, record.Generation)?.Path,
        };
        keeper.Adopt(known, process);
        Adopted.Add((record.Service, record.Generation, pid));
        _adoptedPids[record.Service] = pid;
        return new InstanceReport(record.Service, record.Generation, InstancePresence.Alive)
        {
            Pid = pid,
            StartTicks = record.StartTicks,
            ExecAt = record.ExecAt,
        };
    }
}
