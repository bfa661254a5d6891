namespace Lifeline.Keeper;

/// <summary>Slots and instances. Guarantees that a slot holds at most one instance that is launched or lives, and that a generation is accepted once.</summary>
internal sealed class InstanceTable
{
    // Room to answer orders that are refused because the table is full.
    private const int Reserve = 64;

    private readonly Dictionary<string, int> slotIndexes = new(StringComparer.Ordinal);
    private readonly List<Slot> slots = [];
    private readonly List<Instance> entries = [];
    private readonly Stack<Instance> free = new();

    public int SlotCount => slots.Count;

    /// <summary>Entries to walk over, free ones included.</summary>
    public int Extent => entries.Count;

    public Instance this[int index] => entries[index];

    /// <summary>Waiting or with a launcher.</summary>
    public int Launching { get; private set; }

    public int Living { get; private set; }

    public (string Name, int LastGeneration) SlotAt(int index) => (slots[index].Name, slots[index].LastGeneration);

    /// <summary>Accepts a launch or an adoption, or says in one sentence why not.</summary>
    public Instance? TryAccept(ReadOnlySpan<char> slotName, int generation, long requestId, bool isAdoption, out string refusal)
    {
        refusal = "";
        Slot? slot = FindSlot(slotName) ?? AddSlot(slotName);
        if (slot is null)
        {
            refusal = $"{slots.Count} slots are in use, the keeper's limit (KeeperProtocol.MaxSlots)";
            return null;
        }

        if (slot.Current is { } current)
        {
            refusal = $"slot {slot.Name} is occupied: generation {current.Generation}, pid {current.Pid}, {current.State}";
            return null;
        }

        // An adopted process may be the very one the last generation stands for.
        if (generation < slot.LastGeneration || (generation == slot.LastGeneration && !isAdoption))
        {
            refusal = $"generation {generation} of slot {slot.Name} was not accepted: {slot.LastGeneration} was used already";
            return null;
        }

        if (InUse >= KeeperProtocol.MaxInstances)
        {
            refusal = $"{InUse} instances live or wait to be acknowledged, the keeper's limit (KeeperProtocol.MaxInstances)";
            return null;
        }

        slot.LastGeneration = generation;
        Instance instance = Take(slot.Name, generation, requestId);
        slot.Current = instance;
        return instance;
    }

    /// <summary>An entry that only carries the refusal of an order to the monitor; null when even those are used up.</summary>
    public Instance? TryRefuse(ReadOnlySpan<char> slot, int generation, long requestId)
    {
        if (InUse >= KeeperProtocol.MaxInstances + Reserve) return null;
        return Take(slot.ToString(), generation, requestId);
    }

    /// <summary>An exit an earlier keeper saw, kept until it is acknowledged.</summary>
    public Instance? TryRemember(ReadOnlySpan<char> slot, int generation) =>
        InUse >= KeeperProtocol.MaxInstances ? null : Take(slot.ToString(), generation, 0);

    public void RememberGeneration(ReadOnlySpan<char> slotName, int generation)
    {
        Slot? slot = FindSlot(slotName) ?? AddSlot(slotName);
        if (slot is not null && slot.LastGeneration < generation) slot.LastGeneration = generation;
    }

    /// <summary>The one place where an instance changes its state.</summary>
    public void Move(Instance instance, InstanceState state)
    {
        Count(instance.State, -1);
        Count(state, +1);
        instance.State = state;
        if (state is InstanceState.Ended or InstanceState.Failed) Vacate(instance);
    }

    public void Release(Instance instance)
    {
        Vacate(instance);
        Count(instance.State, -1);
        instance.Clear();
        free.Push(instance);
    }

    /// <summary>The ended instance that an acknowledgement is about.</summary>
    public Instance? FindEnded(ReadOnlySpan<char> slot, int generation)
    {
        foreach (Instance instance in entries)
        {
            if (instance.State == InstanceState.Ended && instance.Generation == generation && slot.SequenceEqual(instance.Slot)) return instance;
        }

        return null;
    }

    /// <summary>The instance that gets another main process: it lives, or its end is not acknowledged and nothing came after it.</summary>
    public Instance? FindForNewMain(ReadOnlySpan<char> slotName, int generation)
    {
        if (FindSlot(slotName) is not { } slot || slot.LastGeneration != generation) return null;
        if (slot.Current is { } current) return current.State == InstanceState.Living && current.Generation == generation ? current : null;
        return FindEnded(slotName, generation);
    }

    /// <summary>An instance that has a main process again lives and holds its slot.</summary>
    public void Revive(Instance instance)
    {
        if (instance.State == InstanceState.Living) return;
        Move(instance, InstanceState.Living);
        FindSlot(instance.Slot)!.Current = instance;
    }

    public bool IsTracked(int pid)
    {
        foreach (Instance instance in entries)
        {
            if (instance.Pid == pid && instance.IsChild && instance.State == InstanceState.Living) return true;
        }

        return false;
    }

    private int InUse => entries.Count - free.Count;

    private Instance Take(string slot, int generation, long requestId)
    {
        if (!free.TryPop(out Instance? instance))
        {
            instance = new Instance(entries.Count);
            entries.Add(instance);
        }

        instance.Slot = slot;
        instance.Generation = generation;
        instance.RequestId = requestId;
        return instance;
    }

    private void Count(InstanceState state, int change)
    {
        if (state is InstanceState.Waiting or InstanceState.Launching) Launching += change;
        if (state is InstanceState.Living) Living += change;
    }

    private void Vacate(Instance instance)
    {
        if (FindSlot(instance.Slot) is { } slot && slot.Current == instance) slot.Current = null;
    }

    private Slot? FindSlot(ReadOnlySpan<char> name) =>
        slotIndexes.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out int index) ? slots[index] : null;

    private Slot? AddSlot(ReadOnlySpan<char> name)
    {
        if (slots.Count == KeeperProtocol.MaxSlots) return null;
        Slot slot = new(name.ToString());
        slotIndexes[slot.Name] = slots.Count;
        slots.Add(slot);
        return slot;
    }

    private sealed class Slot(string name)
    {
        public string Name { get; } = name;

        public int LastGeneration { get; set; }

        public Instance? Current { get; set; }
    }
}
