namespace Lifeline.Monitor;

/// <summary>The slots by their next deadline: a binary heap in which every slot knows its place, so that a change costs log n.</summary>
internal sealed class DeadlineQueue
{
    private readonly List<Slot> _heap = [];

    public long? Next => _heap.Count == 0 ? null : _heap[0].Due;

    public void Update(Slot slot, long due)
    {
        if (slot.Due == due && (slot.DueIndex >= 0) == (due != long.MaxValue)) return;
        slot.Due = due;
        if (due == long.MaxValue)
        {
            Remove(slot);
            return;
        }

        if (slot.DueIndex < 0)
        {
            slot.DueIndex = _heap.Count;
            _heap.Add(slot);
        }

        Place(slot.DueIndex);
    }

    public void Remove(Slot slot)
    {
        var index = slot.DueIndex;
        if (index < 0) return;
        slot.DueIndex = -1;
        slot.Due = long.MaxValue;
        var last = _heap[^1];
        _heap.RemoveAt(_heap.Count - 1);
        if (ReferenceEquals(last, slot)) return;
        Put(last, index);
        Place(index);
    }

    /// <summary>Adds the slots whose deadline has come.</summary>
    public void CollectDue(long now, List<Slot> due) => Collect(0, now, due);

    private void Collect(int index, long now, List<Slot> due)
    {
        if (index >= _heap.Count || _heap[index].Due > now) return;
        due.Add(_heap[index]);
        Collect((2 * index) + 1, now, due);
        Collect((2 * index) + 2, now, due);
    }

    private void Place(int index)
    {
        var slot = _heap[index];
        while (index > 0 && _heap[(index - 1) / 2].Due > slot.Due)
        {
            Put(_heap[(index - 1) / 2], index);
            index = (index - 1) / 2;
        }

        while (true)
        {
            var child = (2 * index) + 1;
            if (child + 1 < _heap.Count && _heap[child + 1].Due < _heap[child].Due) child++;
            if (child >= _heap.Count || _heap[child].Due >= slot.Due) break;
            Put(_heap[child], index);
            index = child;
        }

        Put(slot, index);
    }

    private void Put(Slot slot, int index)
    {
        _heap[index] = slot;
        slot.DueIndex = index;
    }
}
