using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>
/// The monitor's duplicate of everything its keeper holds, so that the next keeper can be given all of it. Not
/// thread-safe: <see cref="KeeperLink"/> guards it.
/// </summary>
internal sealed class KeeperMirror : IDisposable
{
    private readonly Dictionary<string, Descriptor> descriptors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (KeeperProcess Process, PidFd PidFd)> processes = new(StringComparer.Ordinal);
    private readonly List<ExitedMessage> exits = [];
    private readonly Dictionary<string, int> generations = new(StringComparer.Ordinal);
    private readonly Dictionary<int, (PidFd PidFd, string? Group)> launchers = [];
    private readonly Dictionary<long, PendingLaunch> launches = [];
    private readonly Dictionary<long, string> adoptions = [];

    /// <summary>The keeper's first message; null until it came.</summary>
    public KeeperGreeting? Greeting { get; set; }

    /// <summary>The last stop request; a new keeper must go on with it.</summary>
    public StopRequestedMessage? Stop { get; set; }

    /// <summary>Where launchers make their control groups; null until the monitor said.</summary>
    public GroupPlace? GroupFolder { get; set; }

    /// <summary>The process name the keeper shall have; null until the monitor said.</summary>
    public string? PresentedAs { get; set; }

    public int DescriptorCount => descriptors.Count;

    public KeeperState ToState()
    {
        KeeperGreeting greeting = Greeting ?? throw new KeeperProtocolException("the keeper ended its handover without a greeting");
        return new KeeperState
        {
            KeeperPid = greeting.KeeperPid,
            KeeperVersion = greeting.Version,
            MonitorStarts = greeting.MonitorStarts,
            StopRequested = greeting.StopRequested,
            StopUrgent = greeting.StopUrgent,
            Processes = [.. processes.Values.Select(static held => held.Process)],
            Exits = [.. exits],
            Launches = [.. launches.Values],
            LauncherGroups = [.. launchers.Values.Select(static launcher => launcher.Group).OfType<string>()],
            LastGenerations = new Dictionary<string, int>(generations, StringComparer.Ordinal),
            Descriptors = [.. descriptors.Keys],
        };
    }

    public void Put(string name, Descriptor owned)
    {
        Drop(name);
        descriptors[name] = owned;
    }

    public bool Drop(string name)
    {
        if (!descriptors.Remove(name, out Descriptor? held)) return false;
        held.Dispose();
        return true;
    }

    public bool Holds(string name) => descriptors.ContainsKey(name);

    public Descriptor? Duplicate(string name) => descriptors.TryGetValue(name, out Descriptor? held) ? held.Duplicate() : null;

    public void AddProcess(KeeperProcess process, PidFd owned)
    {
        if (processes.Remove(process.Slot, out (KeeperProcess Process, PidFd PidFd) earlier)) earlier.PidFd.Dispose();
        if (launchers.Remove(process.Pid, out (PidFd PidFd, string? Group) launcher)) launcher.PidFd.Dispose();
        processes[process.Slot] = (process, owned);
        AddGeneration(process.Slot, process.Generation);
    }

    public void ChangeMain(string slot, int generation, int pid, long startTime, PidFd owned)
    {
        long execAt = 0;
        string? group = exits.Find(exit => exit.Slot == slot && exit.Generation == generation)?.Group;
        if (processes.TryGetValue(slot, out (KeeperProcess Process, PidFd PidFd) held) && held.Process.Generation == generation)
            (execAt, group) = (held.Process.ExecAtNanoseconds, held.Process.Group);

        RemoveExit(slot, generation);
        AddProcess(new KeeperProcess(slot, generation, pid, startTime, execAt) { Group = group }, owned);
    }

    public PidFd? FindProcess(string slot, int generation) =>
        processes.TryGetValue(slot, out (KeeperProcess Process, PidFd PidFd) held) && held.Process.Generation == generation ? held.PidFd : null;

    public void AddExit(ExitedMessage exit)
    {
        if (FindProcess(exit.Slot, exit.Generation) is { } pidFd)
        {
            pidFd.Dispose();
            processes.Remove(exit.Slot);
        }

        AddGeneration(exit.Slot, exit.Generation);
        exits.Add(exit);
    }

    public void RemoveExit(string slot, int generation) => exits.RemoveAll(exit => exit.Slot == slot && exit.Generation == generation);

    public void AddGeneration(string slot, int generation)
    {
        if (!generations.TryGetValue(slot, out int known) || known < generation) generations[slot] = generation;
    }

    public void AddLauncher(int pid, PidFd owned, string? group)
    {
        foreach ((int earlier, (PidFd pidFd, string? its)) in launchers)
        {
            // One that ended may have become a service of which nobody has told yet, and left children in its group.
            if (!pidFd.HasExited || FileStatus.TryOf(its ?? "") is not null) continue;
            pidFd.Dispose();
            launchers.Remove(earlier);
        }

        if (launchers.Remove(pid, out (PidFd PidFd, string? Group) namesake)) namesake.PidFd.Dispose();
        launchers[pid] = (owned, group);
    }

    /// <summary>Processes that wait to become a service, and some that were.</summary>
    public IReadOnlyList<int> LauncherPids => [.. launchers.Keys];

    public void AddLaunch(PendingLaunch launch) => launches[launch.RequestId] = launch;

    public void RemoveLaunch(long requestId)
    {
        // A crowd that started together is not to be remembered by its size.
        if (launches.Remove(requestId) && launches.Count == 0) launches.TrimExcess();
    }

    public void AddAdoption(long requestId, KeeperProcess process, PidFd owned)
    {
        if (processes.ContainsKey(process.Slot))
        {
            owned.Dispose(); // the keeper will refuse it
            return;
        }

        AddProcess(process, owned);
        adoptions[requestId] = process.Slot;
    }

    public void EndAdoption(long requestId, bool refused)
    {
        if (!adoptions.Remove(requestId, out string? slot) || !refused) return;
        if (processes.Remove(slot, out (KeeperProcess Process, PidFd PidFd) held)) held.PidFd.Dispose();
    }

    /// <summary>Takes out what a dead keeper had begun and can no longer finish. The caller owns the pidfds.</summary>
    public (List<(PidFd PidFd, string? Group)> Launchers, List<PendingLaunch> Launches) TakeUnfinished()
    {
        (List<(PidFd PidFd, string? Group)> Launchers, List<PendingLaunch> Launches) taken = ([.. launchers.Values], [.. launches.Values]);
        launchers.Clear();
        launches.Clear();
        adoptions.Clear();
        return taken;
    }

    /// <summary>The keeper ended all its launchers; none had an order.</summary>
    public void ForgetLaunchers()
    {
        foreach ((PidFd launcher, _) in launchers.Values) launcher.Dispose();
        launchers.Clear();
    }

    /// <summary>Writes all that is held for a new keeper, in the order in which it must be read.</summary>
    public void HandOver(MessageOutbox outbox)
    {
        Span<byte> buffer = stackalloc byte[LinkFrames.Room];
        if (PresentedAs is not null) outbox.Add(LinkFrames.Present(buffer, PresentedAs));
        if (GroupFolder is { } folder) outbox.Add(LinkFrames.GroupFolder(buffer, folder));
        foreach ((string name, Descriptor held) in descriptors) outbox.Add(LinkFrames.Put(buffer, name), held);
        foreach ((string slot, int generation) in generations)
        {
            // A launch that was ordered meanwhile still waits in the outbox: its number is not used yet.
            int used = IsOrdered(slot, generation) ? generation - 1 : generation;
            if (used > 0) outbox.Add(LinkFrames.KnownGeneration(buffer, slot, used));
        }

        foreach ((KeeperProcess process, PidFd pidFd) in processes.Values)
        {
            if (adoptions.ContainsValue(process.Slot)) continue; // its own order waits in the outbox
            outbox.Add(LinkFrames.AdoptProcess(buffer, 0, process), pidFd);
        }

        foreach (ExitedMessage exit in exits) outbox.Add(LinkFrames.KnownExit(buffer, exit));
        outbox.Add(LinkFrames.TakeOverEnd(buffer));
    }

    private bool IsOrdered(string slot, int generation)
    {
        foreach (PendingLaunch launch in launches.Values)
        {
            if (launch.Slot == slot && launch.Generation == generation) return true;
        }

        return false;
    }

    public void Dispose()
    {
        foreach (Descriptor held in descriptors.Values) held.Dispose();
        foreach ((_, PidFd pidFd) in processes.Values) pidFd.Dispose();
        foreach ((PidFd launcher, _) in launchers.Values) launcher.Dispose();
        descriptors.Clear();
        processes.Clear();
        launchers.Clear();
    }
}

/// <summary>Where launchers make their control groups.</summary>
/// <param name="Version">1 or 2; 0: nowhere.</param>
/// <param name="Path">The folder of the main ones.</param>
/// <param name="More">Folders of further hierarchies in which each launcher has one too.</param>
internal readonly record struct GroupPlace(int Version, string Path, IReadOnlyList<string> More);

/// <summary>A keeper's first message.</summary>
internal sealed record KeeperGreeting(int Version, int KeeperPid, int MonitorStarts, bool StopRequested, bool StopUrgent);
