using System.Collections.Concurrent;
using System.Diagnostics;
using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Diagnostics;

public sealed class TracerTests
{
    [Theory]
    [InlineData(TransportKind.Memory)]
    [InlineData(TransportKind.Socket)]
    [InlineData(TransportKind.Ring)]
    public async Task Both_ends_of_each_call_are_seen_with_the_same_chain(TransportKind kind)
    {
        var client = new Recorder();
        var server = new Recorder();
        await using IpcPair pair = await IpcPair.OpenAsync(
            kind,
            Stubs.Of((code, data, reply, _) =>
            {
                if (code == 2)
                    throw new IpcException(IpcError.NotFound, "no");
                reply.WriteInt32(1);
            }),
            client: o => o.Tracer = client,
            server: o => o.Tracer = server);
        await pair.Root.CallIntAsync(1, 5);
        pair.Root.CallInt(1, 5);
        using Parcel data = Stubs.Int(5);
        await pair.Root.FailsAsync(2, data);
        pair.Root.PostInt(1, 5);
        await pair.Root.PostAsync(1, data, TimeSpan.Zero).Soon();
        await server.WaitAsync(5);

        Assert.Equal(["1", "1", "2: NotFound", "1 one-way", "1 one-way"], client.Calls.Select(c => c.Text));
        Assert.Equal(["1", "1", "2: NotFound", "1 one-way", "1 one-way"], server.Requests.Select(r => r.Text));
        Assert.Equal(client.Calls.Select(c => c.Trace.Chain), server.Requests.Select(r => r.Trace.Chain));
        Assert.Equal(3, client.Calls.Select(c => c.Trace.Chain).Where(c => c != 0).Distinct().Count());
        Assert.All(server.Requests, r => Assert.Equal((Stubs.Descriptor, 4, Environment.ProcessId), (r.Trace.Descriptor, r.Trace.Bytes, r.Trace.Peer.Pid)));
        Assert.Empty(client.Requests);
        Assert.Empty(server.Calls);
    }

    [Fact]
    public async Task A_tracer_that_fails_changes_nothing()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, Stubs.Increment(), client: o => o.Tracer = new Broken(), server: o => o.Tracer = new Broken());
        Assert.Equal(2, await pair.Root.CallIntAsync(1, 1));
        Assert.Equal(2, pair.Root.CallInt(1, 1));
        pair.Root.PostInt(1, 1);
        Assert.Equal(2, await pair.Root.CallIntAsync(1, 1));
    }

    [Fact]
    public async Task Activities_of_a_chain_are_one_trace_and_the_handler_runs_inside_its_own()
    {
        var stopped = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ActivityTracer.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = stopped.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        Activity? inside = null;
        await using IpcPair pair = await IpcPair.OpenAsync(
            TransportKind.Ring,
            Stubs.Of((code, data, reply, _) =>
            {
                inside = Activity.Current;
                if (code == 2)
                    throw new IpcException(IpcError.NotFound, "no");
                reply.WriteInt32(data.ReadInt32());
            }),
            client: o => o.Tracer = ActivityTracer.Instance,
            server: o => o.Tracer = ActivityTracer.Instance);
        await pair.Root.CallIntAsync(901, 1);
        Assert.Null(Activity.Current);
        using Parcel data = Stubs.Int(1);
        await pair.Root.FailsAsync(2, data);
        await pair.Server.DisposeAsync();

        Activity[] first = [.. stopped.Where(a => Equals(a.GetTagItem("ipc.code"), 901L))];
        Assert.Equal([ActivityKind.Server, ActivityKind.Client], first.Select(a => a.Kind).Order());
        Assert.Single(first.Select(a => a.TraceId).Distinct());
        Assert.Single(first.Select(a => a.GetTagItem("ipc.chain")).Distinct());
        Assert.Contains(first, a => a.OperationName == $"{Stubs.Descriptor}/901");
        Assert.Equal(ActivityKind.Server, inside!.Kind);
        Assert.Equal("NotFound", inside.StatusDescription);
    }

    private sealed class Recorder : IpcTracer
    {
        private readonly SemaphoreSlim _ended = new(0);

        internal ConcurrentQueue<(string Text, IpcTrace Trace)> Calls { get; } = [];

        internal ConcurrentQueue<(string Text, IpcTrace Trace)> Requests { get; } = [];

        internal async Task WaitAsync(int requests)
        {
            for (int i = 0; i < requests; i++)
                Assert.True(await _ended.WaitAsync(Deadline.Limit));
        }

        protected internal override object? CallStarting(in IpcTrace call) => this;

        protected internal override void CallEnded(object? state, in IpcTrace call, Exception? failure)
        {
            Assert.Same(this, state);
            Calls.Enqueue((Text(call, (failure as IpcException)?.Error), call));
        }

        protected internal override object? RequestStarting(in IpcTrace request) => this;

        protected internal override void RequestEnded(object? state, in IpcTrace request, IpcError error)
        {
            Assert.Same(this, state);
            Requests.Enqueue((Text(request, error == IpcError.None ? null : error), request));
            _ended.Release();
        }

        private static string Text(in IpcTrace trace, IpcError? error) => $"{trace.Code}{(trace.IsOneWay ? " one-way" : "")}{(error is null ? "" : $": {error}")}";
    }

    private sealed class Broken : IpcTracer
    {
        protected internal override object? CallStarting(in IpcTrace call) => throw new InvalidOperationException();

        protected internal override void CallEnded(object? state, in IpcTrace call, Exception? failure) => throw new InvalidOperationException();

        protected internal override object? RequestStarting(in IpcTrace request) => throw new InvalidOperationException();

        protected internal override void RequestEnded(object? state, in IpcTrace request, IpcError error) => throw new InvalidOperationException();
    }
}
