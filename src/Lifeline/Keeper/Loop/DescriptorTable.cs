using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>Named descriptors that the keeper holds without understanding them. Indexes stay valid until the next change.</summary>
internal sealed class DescriptorTable : IDisposable
{
    private readonly Dictionary<string, int> indexes = new(StringComparer.Ordinal);
    private readonly List<(string Name, Descriptor Descriptor)> entries = [];
    private readonly char[] name = new char[KeeperProtocol.MaxNameBytes];

    public int Count => entries.Count;

    public (string Name, Descriptor Descriptor) this[int index] => entries[index];

    /// <summary>Takes ownership; replaces one of the same name. False, and the descriptor is closed, at <see cref="KeeperProtocol.MaxDescriptors"/>.</summary>
    public bool Put(ReadOnlySpan<char> name, Descriptor owned)
    {
        if (Lookup.TryGetValue(name, out int index))
        {
            (string known, Descriptor earlier) = entries[index];
            earlier.Dispose();
            entries[index] = (known, owned);
            return true;
        }

        if (entries.Count == KeeperProtocol.MaxDescriptors)
        {
            owned.Dispose();
            return false;
        }

        string added = name.ToString();
        indexes[added] = entries.Count;
        entries.Add((added, owned));
        return true;
    }

    public void Drop(ReadOnlySpan<char> name)
    {
        if (!Lookup.TryGetValue(name, out int index)) return;
        (string known, Descriptor dropped) = entries[index];
        dropped.Dispose();
        indexes.Remove(known);
        (string, Descriptor) last = entries[^1];
        entries.RemoveAt(entries.Count - 1);
        if (index == entries.Count) return;
        entries[index] = last;
        indexes[last.Item1] = index;
    }

    public Descriptor? Find(ReadOnlySpan<char> name) => Lookup.TryGetValue(name, out int index) ? entries[index].Descriptor : null;

    /// <summary>What the order of a launch names.</summary>
    /// <exception cref="KeeperProtocolException">It names one that is not here.</exception>
    public Descriptor[] FindFor(ReadOnlySpan<byte> order)
    {
        FrameReader reader = new(order);
        reader.Utf8();
        reader.Int32();
        Descriptor[] found = new Descriptor[reader.Count(KeeperProtocol.MaxLaunchDescriptors)];
        for (int i = 0; i < found.Length; i++)
        {
            ReadOnlySpan<char> wanted = reader.Name(name);
            found[i] = Find(wanted) ?? throw new KeeperProtocolException($"the keeper holds no descriptor named '{wanted}'");
            reader.Int32();
        }

        return found;
    }

    public void Dispose()
    {
        foreach ((_, Descriptor descriptor) in entries) descriptor.Dispose();
        entries.Clear();
        indexes.Clear();
    }

    private Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> Lookup => indexes.GetAlternateLookup<ReadOnlySpan<char>>();
}
