namespace Lifeline.Ipc.Diagnostics;

/// <summary>How many rows of statistics an endpoint has, and the sums of those that are gone. Thread-safe.</summary>
internal sealed class StatisticsBook(int maxRows)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Descriptor, uint Code), CodeRow> _ended = [];
    private int _rows;

    /// <summary>A row of its own for a code, if there is room.</summary>
    internal CodeRow? TryCreate(string descriptor, uint code)
    {
        if (Interlocked.Increment(ref _rows) <= maxRows)
            return new CodeRow(descriptor, code);
        Interlocked.Decrement(ref _rows);
        return null;
    }

    /// <summary>Takes in a row that is written no more; one that gathers others took no room.</summary>
    internal void Retire(CodeRow row)
    {
        if (row.Code != 0)
            Interlocked.Decrement(ref _rows);
        lock (_gate)
        {
            (string, uint) key = (row.Descriptor, row.Code);
            if (!_ended.TryGetValue(key, out CodeRow? sum))
            {
                if (_ended.Count >= maxRows)
                    key = ("", 0);
                if (!_ended.TryGetValue(key, out sum))
                    _ended.Add(key, sum = new CodeRow(key.Item1, key.Item2));
            }

            sum.Add(row);
        }
    }

    internal void ReadEnded(List<IpcCallStatistics> into, TimeProvider time)
    {
        lock (_gate)
        {
            foreach (CodeRow row in _ended.Values)
                into.Add(row.Read(null, 0, time));
        }
    }
}
