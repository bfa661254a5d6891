using Lifeline.Contracts;
using Lifeline.Ipc;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>
/// Keeps the file <c>board</c> of the run folder as the core sees the services, for those who ask while no monitor answers. On the decision
/// loop only. A service costs something only after something happened to it, and all together at most once in <see cref="Spacing"/>.
/// </summary>
internal sealed class BoardPublisher(string path, TimeProvider time, Action<string> complain) : IDisposable
{
    /// <summary>Services on the board; of more, the first ones stand there.</summary>
    public const int MaxServices = 16_384;

    /// <summary>Least time between two rounds of writing; the first change after a pause is written at once.</summary>
    public static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(50);

    /// <summary>When a board that could not be written (a full disk) is tried again.</summary>
    public static readonly TimeSpan Retry = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, int> _slots = new(StringComparer.Ordinal);
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private SharedBoardWriter? _board;
    private bool _rebuild;
    private bool _complained;
    private long _written;
    private TimeSpan _pause = TimeSpan.Zero;

    /// <summary>How long until there is something to write; null if there is nothing.</summary>
    public TimeSpan? UntilDue => !_rebuild && _changed.Count == 0 ? null
        : time.GetElapsedTime(_written) is var since && since >= _pause ? TimeSpan.Zero : _pause - since;

    /// <summary>Notes whose state an event and what followed from it may have changed.</summary>
    public void Note(MonitorEvent happened, IReadOnlyList<Effect> effects)
    {
        // All times are spelled anew. Before the first board there is nothing to spell, and an empty one must not take the place of the last monitor's.
        if (happened is ClockSet)
            _rebuild |= _board is not null;
        else
            _rebuild |= ServiceChanges.Collect(happened, effects, _changed);
    }

    /// <summary>Writes what changed, if it is time.</summary>
    public void Publish(MonitorCore core)
    {
        if (UntilDue != TimeSpan.Zero)
            return;
        Write(core);
    }

    /// <summary>Writes what changed now, for the last time.</summary>
    public void Finish(MonitorCore core)
    {
        if (UntilDue is not null)
            Write(core);
    }

    public void Dispose() => _board?.Dispose();

    private void Write(MonitorCore core)
    {
        _written = time.GetTimestamp();
        try
        {
            if (_rebuild)
                Rebuild(core);
            else
                foreach (var name in _changed)
                    WriteOne(core, name);
            _rebuild = false;
            _changed.Clear();
            _pause = Spacing;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or IpcException)
        {
            // The board is a convenience: the services are watched without it.
            _rebuild = true;
            _pause = Retry;
            if (!_complained)
                complain($"the status board cannot be written, going on without it: {e.Message}");
            _complained = true;
        }
    }

    private void WriteOne(MonitorCore core, string name)
    {
        if (_slots.TryGetValue(name, out var slot) && core.Snapshot(name) is { } snapshot)
            _board!.Write(slot, BoardSnapshot.Encode(snapshot));
    }

    // Made whole under another name first: a reader finds the old one or the new one.
    private void Rebuild(MonitorCore core)
    {
        var services = core.Services;
        var count = Math.Min(services.Count, MaxServices);
        var unfinished = path + ".new";
        File.Delete(unfinished);
        _slots.Clear();
        var board = SharedBoardWriter.CreateFile(unfinished, Math.Max(count, 1), BoardSnapshot.MaxBytes, time.GetUtcNow().ToUnixTimeMilliseconds());
        try
        {
            for (var slot = 0; slot < count; slot++)
            {
                _slots[services[slot]] = slot;
                if (core.Snapshot(services[slot]) is { } snapshot)
                    board.Write(slot, BoardSnapshot.Encode(snapshot));
            }

            File.Move(unfinished, path, overwrite: true);
        }
        catch
        {
            board.Dispose();
            throw;
        }

        _board?.Dispose();
        _board = board;
    }
}
