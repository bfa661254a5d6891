using Lifeline.Ipc.Death;
using Lifeline.Ipc.Protocol;
using Lifeline.Linux;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc;

// The early notice: the peer's process is ending, its data has not ended yet.
public sealed partial class IpcSession : ILifeListener
{
    /// <summary>How long after its early notice a process is believed to be ending. The kernel needs about 0.1 s for each GiB of its memory.</summary>
    internal static readonly TimeSpan DyingLimit = TimeSpan.FromSeconds(60);

    private const string DyingReason = "the peer's process is ending";

    private PeerLife? _life;
    private ITimer? _dyingTimer;
    private int _dying;
    private volatile bool _lifeLost;

    /// <summary>
    /// Whether the kernel has begun to end the peer's process: calls fail with <see cref="IpcError.DeadObject"/> from now on, what the
    /// peer had sent still arrives. Once true it stays so. False also where there is no early notice.
    /// </summary>
    public bool IsPeerDying => Volatile.Read(ref _dying) != 0;

    /// <summary>Whether an early notice of the peer's death may come.</summary>
    internal bool HasEarlyNotice => _life is not null && !_lifeLost;

    /// <summary>The page of this process for the peer; null if none is to be sent.</summary>
    private LifePage? OwnLife()
    {
        if (_transport.Pollable is null || !Options.EarlyDeathNotice)
            return null;
        LifePage? page = LifePage.TryGet(out string? why);
        if (page is null)
            Logger.LogDebug("{Session} will get no early notice of this process's death: {Why}", this, why);
        return page;
    }

    private void WatchLife(Hello hello, Descriptor? page)
    {
        if (!hello.HasLife || !Options.EarlyDeathNotice || Peer.Process is not { } process)
            return;
        string? why = "its life page did not come along";
        if (page is not null)
            _life = process.Shared.Join(page, hello.LifeWord, this, out why);
        if (_life is null)
            Logger.LogDebug("{Session} gives no early notice of the peer's death: {Why}", this, why);
    }

    private void LeaveLife()
    {
        _dyingTimer?.Dispose();
        if (_life is { } life)
            Peer.Process!.Shared.Leave(life, this);
    }

    void ILifeListener.OnNoEarlyNotice(string why)
    {
        _lifeLost = true;
        Logger.LogWarning("{Session} gives no early notice of the peer's death any more: {Why}", this, why);
    }

    void ILifeListener.OnPeerDying()
    {
        if (_state == Ended || Interlocked.Exchange(ref _dying, 1) != 0)
            return;
        Logger.LogDebug("{Session}: the peer's process is ending", this);
        _obituaries.BeginEarly();
        Endpoint.Obituaries.Post(CallEarlyRecipients);
        _send.EndRequests();
        // Who only pretends to end has ended for us, too.
        _dyingTimer = Options.TimeProvider.CreateTimer(
            _ => CloseWith(IpcError.DeadObject, $"the peer's process announced its end {DyingLimit.TotalSeconds:0} s ago and still runs"), null, DyingLimit, Timeout.InfiniteTimeSpan);
        if (_state == Ended)
            _dyingTimer.Dispose();
    }

    private void CallEarlyRecipients()
    {
        while (_obituaries.TakeEarly() is { } registration)
        {
            try
            {
                registration.Fire(DyingReason, early: true);
            }
            catch (Exception e)
            {
                // One recipient's failure must not keep the others from being called.
                Logger.LogError(e, "A death recipient for {Session} failed", this);
            }
        }
    }
}
