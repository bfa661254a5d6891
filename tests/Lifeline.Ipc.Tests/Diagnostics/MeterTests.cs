using System.Diagnostics.Metrics;
using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Diagnostics;

public sealed class MeterTests
{
    private static int s_names;

    private readonly string _name = $"m{Interlocked.Increment(ref s_names)}";

    [Fact]
    public async Task All_that_happens_is_counted_under_the_name_of_the_endpoint()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(
            TransportKind.Ring,
            new DelegateStub(Stubs.Descriptor, (code, data, reply, _) =>
            {
                if (code == 1)
                    reply.WriteInt32(data.ReadInt32());
                return code == 2 ? throw new IpcException(IpcError.NotFound, "no") : default;
            })
            { Permissions = new IpcPermissions(IpcPermissions.Everyone).With(3, _ => "no") },
            client: o => o.Name = $"{_name}c",
            server: o =>
            {
                o.Name = $"{_name}s";
                o.MaxDescriptorsPerParcel = 0;
            });
        await pair.Root.CallIntAsync(1, 1);
        await pair.Root.CallIntAsync(1, 1);
        using Parcel data = Stubs.Int(1);
        await pair.Root.FailsAsync(2, data);
        await pair.Root.FailsAsync(3, data);
        using (Parcel descriptor = new())
        {
            using var file = Linux.Descriptor.Open("/dev/null", Linux.OpenFlags.ReadWrite);
            descriptor.WriteDescriptor(file);
            await pair.Root.FailsAsync(1, descriptor);
        }

        pair.Root.PostInt(4, 1);
        await pair.Root.PingAsync().Soon();
        while (pair.Server.HasRequests)
            await Task.Yield();

        Dictionary<string, long> server = await CollectAsync($"{_name}s", m => m.GetValueOrDefault("lifeline.ipc.oneway.handled") == 1);
        Assert.Equal(1, server["lifeline.ipc.sessions"]);
        Assert.Equal(1, server["lifeline.ipc.sessions.opened"]);
        Assert.Equal(6, server["lifeline.ipc.calls.received"]);
        Assert.Equal(1, server["lifeline.ipc.oneway.received"]);
        Assert.Equal(3, server["lifeline.ipc.requests.failed"]);
        Assert.Equal(1, server["lifeline.ipc.requests.refused"]);
        Assert.Equal(0, server["lifeline.ipc.queue.in"]);
        Assert.Equal(1, server["lifeline.ipc.stubs.given"]);
        Assert.Equal(1, server["lifeline.ipc.limits.reached MaxDescriptorsPerParcel"]);
        Assert.True(server["lifeline.ipc.bytes.received"] > 0 && server["lifeline.ipc.workers"] > 0);

        Dictionary<string, long> client = await CollectAsync($"{_name}c", m => m.GetValueOrDefault("lifeline.ipc.calls.made") == 6);
        Assert.Equal(6, client["lifeline.ipc.calls.made"]);
        Assert.Equal(0, client["lifeline.ipc.calls.pending"]);
        Assert.Equal(1, client["lifeline.ipc.oneway.sent"]);
        Assert.Equal(client["lifeline.ipc.bytes.sent"], server["lifeline.ipc.bytes.received"]);
    }

    [Fact]
    public async Task Ended_sessions_stay_counted_and_deaths_are_told()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Socket, Stubs.Increment(), client: o => o.Name = $"{_name}c");
        await pair.Root.CallIntAsync(1, 1);
        var told = new Signal();
        pair.Root.AddDeathRecipient(_ => told.SetResult());
        pair.ServerSession.Close("enough");
        await told.Task.Soon();
        await pair.Client.Obituaries.DrainAsync().Soon();
        Dictionary<string, long> client = await CollectAsync($"{_name}c", m => m.GetValueOrDefault("lifeline.ipc.sessions.closed") == 1);
        Assert.Equal(0, client["lifeline.ipc.sessions"]);
        Assert.Equal(1, client["lifeline.ipc.calls.made"]);
        Assert.Equal(1, client["lifeline.ipc.obituaries"]);
    }

    [Fact]
    public async Task An_endpoint_that_was_disposed_is_told_of_no_more()
    {
        var endpoint = new IpcEndpoint(new IpcEndpointOptions { Name = _name });
        await CollectAsync(_name, m => m.Count > 0);
        await endpoint.DisposeAsync();
        await CollectAsync(_name, m => m.Count == 0);
    }

    [Fact]
    public void Names_and_units_are_whole()
    {
        var instruments = new List<Instrument>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, _) => Note(instrument) };
        _ = IpcMeter.Name;
        using var endpoint = new Disposing(new IpcEndpoint());
        listener.Start();
        Assert.InRange(instruments.Count, 25, 50);
        Assert.Distinct(instruments.Select(i => i.Name));
        Assert.All(instruments, i => Assert.False(string.IsNullOrEmpty(i.Unit) || string.IsNullOrEmpty(i.Description), i.Name));

        void Note(Instrument instrument)
        {
            if (instrument.Meter.Name == IpcMeter.Name)
                instruments.Add(instrument);
        }
    }

    /// <summary>Collects until it is as expected: one reading serves all instruments for a tenth of a second.</summary>
    private static async Task<Dictionary<string, long>> CollectAsync(string endpoint, Func<Dictionary<string, long>, bool> isThere)
    {
        var values = new Dictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == IpcMeter.Name)
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (tags[0].Value as string == endpoint)
                values[tags.Length > 1 ? $"{instrument.Name} {tags[1].Value}" : instrument.Name] = value;
        });
        listener.Start();
        using var limit = new CancellationTokenSource(Deadline.Limit);
        do
        {
            await Task.Yield();
            limit.Token.ThrowIfCancellationRequested();
            values.Clear();
            listener.RecordObservableInstruments();
        }
        while (!isThere(values));
        // The reading may have been renewed half-way: once more, and all are as new.
        values.Clear();
        listener.RecordObservableInstruments();
        return values;
    }

    private sealed class Disposing(IpcEndpoint endpoint) : IDisposable
    {
        public void Dispose() => endpoint.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
