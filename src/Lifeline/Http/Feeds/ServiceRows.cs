using System.Buffers;
using System.Text.Json;
using Lifeline.Contracts;
using Lifeline.Monitor;
using Lifeline.Supervision;

namespace Lifeline.Http;

/// <summary>
/// The state of every service as JSON, each spelled again only after it changed, and shared by all who ask. Safe for any thread.
/// </summary>
internal sealed class ServiceRows
{
    /// <summary>Services that are looked at in one turn of the decision loop, so that it is never held for long.</summary>
    private const int RowsPerTurn = 256;

    private readonly Supervisor _supervisor;
    private readonly UsageTable _usage;
    private readonly Lock _gate = new();

    // On the decision loop only.
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private bool _allChanged = true;

    // Under the gate.
    private readonly Dictionary<string, Row> _rows = new(StringComparer.Ordinal);
    private IReadOnlyList<string> _names = [];
    private byte[]? _whole;
    private long _version;
    private long _listVersion;
    private Task? _refreshing;
    private Task? _next;

    public ServiceRows(Supervisor supervisor, UsageTable usage)
    {
        (_supervisor, _usage) = (supervisor, usage);
        supervisor.Post(() => supervisor.Watcher = Note);
    }

    /// <summary>Every service as a JSON array, as they stand at the time of the call or later.</summary>
    public async Task<ReadOnlyMemory<byte>> WholeAsync()
    {
        await RefreshAsync().ConfigureAwait(false);
        lock (_gate)
            return _whole ??= Join(_names.Select(name => _rows.GetValueOrDefault(name)));
    }

    /// <summary>What changed after a version, as a JSON array.</summary>
    public (long Version, ReadOnlyMemory<byte> Changed) After(long version)
    {
        lock (_gate)
        {
            var changed = version == _version ? default : (ReadOnlyMemory<byte>)Join(_names.Select(_rows.GetValueOrDefault).Where(row => row?.Version > version));
            return (_version, changed);
        }
    }

    /// <summary>The newest version, and the one at which services came or went last.</summary>
    public (long Version, long ListVersion) Version
    {
        get
        {
            lock (_gate)
                return (_version, _listVersion);
        }
    }

    /// <summary>Brings the rows up to date. Whoever comes while one round is under way shares the next.</summary>
    public Task RefreshAsync()
    {
        lock (_gate)
        {
            if (_refreshing is null)
                return _refreshing = RunAsync();
            return _next ??= ContinueAsync(_refreshing);
        }
    }

    /// <summary>All rows are spelled again: what they use was read.</summary>
    public void Respell() => _supervisor.Post(() => _changed.UnionWith(_supervisor.Core.Services));

    private async Task ContinueAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await RefreshAsync().ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        // Off the caller's lock.
        await Task.Yield();
        try
        {
            var (names, changed) = await _supervisor.AskAsync(TakeChanges).ConfigureAwait(false);
            for (var first = 0; first < changed.Count; first += RowsPerTurn)
            {
                var part = changed.Skip(first).Take(RowsPerTurn).ToList();
                Store(await _supervisor.SnapshotsAsync(part).ConfigureAwait(false));
            }

            if (names is not null)
                Keep(names);
        }
        finally
        {
            lock (_gate)
                (_refreshing, _next) = (null, null);
        }
    }

    private (IReadOnlyList<string>? Names, IReadOnlyList<string> Changed) TakeChanges(MonitorCore core)
    {
        var names = _allChanged ? core.Services : null;
        IReadOnlyList<string> changed = names ?? [.. _changed];
        _changed.Clear();
        _allChanged = false;
        return (names, changed);
    }

    private void Store(IReadOnlyList<ServiceSnapshot> snapshots)
    {
        if (snapshots.Count == 0)
            return;
        var spelled = snapshots.Select(s => (s.Name, Json: JsonSerializer.SerializeToUtf8Bytes(_usage.Fill(s), ContractsJson.Snapshot))).ToList();
        lock (_gate)
        {
            var version = _version + 1;
            foreach (var (name, json) in spelled)
            {
                if (_rows.TryGetValue(name, out var known) && known.Json.AsSpan().SequenceEqual(json))
                    continue;
                _rows[name] = new Row(json, version);
                (_version, _whole) = (version, null);
            }
        }
    }

    private void Keep(IReadOnlyList<string> names)
    {
        lock (_gate)
        {
            _names = names;
            _whole = null;
            _listVersion = ++_version;
            var known = names.ToHashSet(StringComparer.Ordinal);
            foreach (var gone in _rows.Keys.Where(name => !known.Contains(name)).ToList())
                _rows.Remove(gone);
        }
    }

    // On the decision loop.
    private void Note(MonitorEvent happened, IReadOnlyList<Effect> effects) =>
        _allChanged |= happened is ClockSet | ServiceChanges.Collect(happened, effects, _changed);

    private static byte[] Join(IEnumerable<Row?> rows)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        buffer.Write("["u8);
        var first = true;
        foreach (var row in rows.OfType<Row>())
        {
            if (!first)
                buffer.Write(","u8);
            first = false;
            buffer.Write(row.Json);
        }

        buffer.Write("]"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private sealed record Row(byte[] Json, long Version);
}
