using System.Diagnostics;

namespace Lifeline.Ipc.Campaign.Scenes;

/// <summary>A good neighbour: calls the victim all the time, and must never notice anything.</summary>
internal sealed class Witness : IAsyncDisposable
{
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(1);

    private readonly IpcEndpoint _endpoint;
    private readonly IpcSession _session;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _calling;
    private long _calls;
    private double _longest;
    private string? _error;

    private Witness(IpcEndpoint endpoint, IpcSession session)
    {
        _endpoint = endpoint;
        _session = session;
        _calling = Task.Run(CallAsync);
    }

    internal long Calls => Interlocked.Read(ref _calls);

    internal double LongestMilliseconds => Volatile.Read(ref _longest);

    internal string? Error => Volatile.Read(ref _error);

    internal static async Task<Witness> StartAsync(string path, bool rings)
    {
        var endpoint = new IpcEndpoint(new IpcEndpointOptions { Name = "witness", RingBytes = rings ? 64 << 10 : 0 });
        return new Witness(endpoint, await endpoint.ConnectAsync(path));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _calling;
        await _endpoint.DisposeAsync();
        _stop.Dispose();
    }

    private async Task CallAsync()
    {
        using var pace = new PeriodicTimer(s_pace);
        try
        {
            for (int i = 0; !_stop.IsCancellationRequested; i++)
            {
                long started = Stopwatch.GetTimestamp();
                using var data = new Parcel();
                data.WriteInt32(i);
                using (Parcel reply = i % 2 == 0 ? await _session.Root.CallAsync(Victim.Increment, data) : _session.Root.Call(Victim.Increment, data))
                    CampaignException.Unless(reply.ReadInt32() == i + 1, "a wrong answer");
                Interlocked.Increment(ref _calls);
                Volatile.Write(ref _longest, Math.Max(_longest, Stopwatch.GetElapsedTime(started).TotalMilliseconds));
                await pace.WaitForNextTickAsync();
            }
        }
        catch (Exception e) when (e is IpcException or CampaignException)
        {
            Volatile.Write(ref _error, $"after {_calls} calls: {e.Message}; the session: {_session.CloseReason ?? "open"}");
        }
    }
}
