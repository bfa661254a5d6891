using Lifeline.Configuration;
using Lifeline.Keeper;
using Lifeline.Linux;
using Lifeline.Logs;

namespace Lifeline.Supervision;

/// <summary>
/// The two log pipes of each slot of a service: made for its first start, held by the keeper until it is stopped, opened for reading and writing, so that
/// nobody's death gives a writer EPIPE and each new monitor goes on reading. Thread-safe; for one slot everything is done in the order in which
/// it was asked for.
/// </summary>
internal sealed class LogPipes(KeeperLink keeper, LogCollector collector)
{
    private readonly Lock _gate = new();

    // Slots whose pipes are open, or being opened or closed, with the work begun last.
    private readonly Dictionary<string, Change> _slots = new(StringComparer.Ordinal);

    public static string OutputName(string slot) => $"log/{slot}/out";

    public static string ErrorName(string slot) => $"log/{slot}/err";

    /// <summary>Takes the pipes from the keeper, or makes them, and begins to collect. Does nothing if that was done already.</summary>
    /// <param name="service">The service.</param>
    /// <param name="slot">The key of its slot.</param>
    /// <param name="generation">The generation that writes now.</param>
    /// <param name="adoptedPid">A living process whose keeper is gone: its own pipes are opened again.</param>
    /// <exception cref="IOException">There are no descriptors left, or the log files cannot be opened.</exception>
    public Task OpenAsync(ServiceConfiguration service, string slot, int generation, int? adoptedPid = null) =>
        ChangeAsync(slot, open: true, () => BeginAsync(service, slot, generation, adoptedPid));

    /// <summary>Collects what is left and lets go of the pipes of a slot in which nothing lives.</summary>
    public Task CloseAsync(string slot) => ChangeAsync(slot, open: false, () => EndAsync(slot));

    public static LogLimits LimitsOf(ServiceConfiguration service) => new(service.Log.MaxSize, service.Log.MaxFiles);

    private Task ChangeAsync(string slot, bool open, Func<Task> change)
    {
        lock (_gate)
        {
            var before = _slots.GetValueOrDefault(slot);
            if ((before?.Opens ?? false) == open)
                return before?.Work ?? Task.CompletedTask;
            var next = _slots[slot] = new Change(open);
            next.Work = DoAsync(slot, before?.Work ?? Task.CompletedTask, next, change);
            return next.Work;
        }
    }

    private async Task DoAsync(string slot, Task before, Change next, Func<Task> change)
    {
        var isOpen = false;
        try
        {
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await change().ConfigureAwait(false);
            isOpen = next.Opens;
        }
        finally
        {
            lock (_gate)
            {
                // Unless something else was asked for meanwhile.
                if (!isOpen && _slots.GetValueOrDefault(slot) == next)
                    _slots.Remove(slot);
            }
        }
    }

    private async Task BeginAsync(ServiceConfiguration service, string slot, int generation, int? adoptedPid)
    {
        using var output = Take(OutputName(slot), adoptedPid, 1);
        using var error = Take(ErrorName(slot), adoptedPid, 2);
        await collector.AddAsync(slot, generation, output, error, LimitsOf(service)).ConfigureAwait(false);
    }

    private async Task EndAsync(string slot)
    {
        await collector.RemoveAsync(slot).ConfigureAwait(false);
        keeper.Drop(OutputName(slot));
        keeper.Drop(ErrorName(slot));
    }

    private Descriptor Take(string name, int? adoptedPid, int number)
    {
        if (adoptedPid is null && keeper.Duplicate(name) is { } held)
            return held;
        var pipe = (adoptedPid is { } living ? Reopen(living, number) : null) ?? Make();
        keeper.Put(name, pipe);
        return pipe;
    }

    private static Descriptor? Reopen(int pid, int number)
    {
        var opened = ProcFs.TryReopen(pid, number, OpenFlags.ReadWrite | OpenFlags.NonBlocking);
        if (opened is null)
            return null;
        // The service may have put something else at this number.
        if (opened.Stat().Kind == FileKind.Pipe)
            return opened;
        opened.Dispose();
        return null;
    }

    private static Descriptor Make()
    {
        var (read, write) = Pipe.Create();
        using (write)
        using (read)
        {
            Pipe.TrySetCapacity(read, SupervisionLimits.LogPipeBytes);
            return Pipe.ReopenReadWrite(read);
        }
    }

    private sealed class Change(bool opens)
    {
        public bool Opens => opens;

        public Task Work { get; set; } = Task.CompletedTask;
    }
}
