namespace Lifeline.Supervision;

/// <summary>Which generation has which control group, both ways. Safe for any thread.</summary>
internal sealed class GroupTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Service, int Generation), string> _paths = [];
    private readonly Dictionary<string, (string Service, int Generation)> _owners = new(StringComparer.Ordinal);
    private TaskCompletionSource? _change;

    /// <summary>Completes when something is added. To be taken before a look whose answer may change.</summary>
    public Task NextChange
    {
        get
        {
            lock (_gate)
                return (_change ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>The last that is said of a generation counts.</summary>
    public void Add(string service, int generation, string path)
    {
        TaskCompletionSource? change;
        lock (_gate)
        {
            RemoveLocked((service, generation));
            _paths[(service, generation)] = path;
            _owners[path] = (service, generation);
            (change, _change) = (_change, null);
        }

        change?.SetResult();
    }

    public void Remove(string service, int generation)
    {
        lock (_gate)
            RemoveLocked((service, generation));
    }

    public string? PathOf(string service, int generation)
    {
        lock (_gate)
            return _paths.GetValueOrDefault((service, generation));
    }

    public (string Service, int Generation)? OwnerOf(string path)
    {
        lock (_gate)
            return _owners.TryGetValue(path, out var owner) ? owner : null;
    }

    private void RemoveLocked((string Service, int Generation) owner)
    {
        if (_paths.Remove(owner, out var path) && _owners.GetValueOrDefault(path) == owner)
            _owners.Remove(path);
    }
}
