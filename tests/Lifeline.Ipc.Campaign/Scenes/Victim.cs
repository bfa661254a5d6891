using System.Runtime.CompilerServices;
using Lifeline.Linux;

namespace Lifeline.Ipc.Campaign.Scenes;

/// <summary>The endpoint that is attacked, with everything that a service does: answers, takes stubs and descriptors, keeps state.</summary>
internal sealed class Victim : IAsyncDisposable
{
    internal const uint Increment = 1;
    internal const uint Bulk = 2;
    internal const uint Numbered = 3;
    internal const uint Keep = 4;
    internal const uint Descriptors = 5;
    internal const uint Hang = 6;

    private const int MaxBulk = 200_000;

    private readonly ConditionalWeakTable<IpcSession, List<IpcProxy>> _kept = [];
    private int _opened;

    internal Victim(Action<IpcEndpointOptions>? change = null)
    {
        var options = new IpcEndpointOptions { Name = "victim", Logger = Log, MaxRingBytes = 1 << 20 };
        change?.Invoke(options);
        Path = $"@lifeline-campaign-{Environment.ProcessId}-{Guid.NewGuid():N}";
        Endpoint = new IpcEndpoint(options);
        Endpoint.SessionOpened += _ => Interlocked.Increment(ref _opened);
        Endpoint.SessionClosed += Forget;
        Root = new DelegateStub("lifeline.campaign.IVictim", AnswerAsync);
        Endpoint.Listen(Path, Root);
    }

    /// <summary>What it offers, to who connects and to whom it connects.</summary>
    internal DelegateStub Root { get; }

    internal LogBook Log { get; } = new();

    internal Deliveries Deliveries { get; } = new();

    internal IpcEndpoint Endpoint { get; }

    internal string Path { get; }

    /// <summary>Sessions that were ever open.</summary>
    internal int Opened => Volatile.Read(ref _opened);

    public ValueTask DisposeAsync() => Endpoint.DisposeAsync();

    private async ValueTask AnswerAsync(uint code, Parcel data, Parcel reply, CallContext context)
    {
        switch (code)
        {
            case Increment:
                reply.WriteInt32(data.ReadInt32() + 1);
                break;
            case Bulk:
                reply.WriteBytes(new byte[Math.Clamp(data.ReadInt32(), 0, MaxBulk)]);
                break;
            case Numbered:
                Deliveries.Take(data);
                break;
            case Keep:
                Remember(data, context);
                break;
            case Descriptors:
                while (data.ReadableBytes > 0)
                    data.ReadDescriptor().Dispose();
                break;
            case Hang:
                await Task.Delay(Timeout.Infinite, context.Cancelled);
                break;
            default:
                throw new IpcException(IpcError.CodeOutOfRange, $"no request {code}");
        }
    }

    private void Remember(Parcel data, CallContext context)
    {
        int count = data.ReadInt32();
        List<IpcProxy> kept = _kept.GetOrCreateValue(context.Session!);
        for (int i = 0; i < count; i++)
        {
            if (data.ReadProxy() is { } proxy)
            {
                lock (kept)
                    kept.Add(proxy);
            }
        }
    }

    private void Forget(IpcSession session)
    {
        if (!_kept.TryGetValue(session, out List<IpcProxy>? kept))
            return;
        lock (kept)
        {
            foreach (IpcProxy proxy in kept)
                proxy.Dispose();
            kept.Clear();
        }
    }
}
