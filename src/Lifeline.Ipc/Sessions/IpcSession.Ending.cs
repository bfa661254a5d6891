using Lifeline.Ipc.Calls;
using Lifeline.Ipc.Dispatch;
using Lifeline.Ipc.Sessions;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc;

// The end of a session and its obituaries.
public sealed partial class IpcSession
{
    private readonly ObituaryList _obituaries = new();
    private List<IpcStub> _unreferenced = [];
    private IpcException? _goodbye;
    private ITimer? _graceTimer;
    private bool _wasOpen;
    private int _oneWayUnhandled;
    private int _obituariesPosted;

    internal void AddDeathRecipient(DeathRegistration registration)
    {
        if (!_obituaries.TryAdd(registration, out bool early))
            Endpoint.Obituaries.Post(() => registration.Fire(early ? DyingReason : _closeReason!, early));
    }

    internal void RemoveDeathRecipient(DeathRegistration registration) => _obituaries.Remove(registration);

    /// <summary>Everything that had arrived has been taken in; nothing comes any more. Receive thread.</summary>
    private void End()
    {
        if (_state == Ended)
            return;
        _wasOpen = _state == Open;
        PendingCall[] pending;
        InboundRequest[] running;
        using (_gate.Enter())
        {
            _state = Ended;
            pending = [.. _pending.Values];
            _pending.Clear();
            running = [.. _running.Values];
        }

        _handshakeTimer?.Dispose();
        UnregisterAll();
        _send.Close(IpcError.None, null);
        RingForOthers();
        IpcException dead = Dead();
        foreach (PendingCall call in pending)
            call.TryFail(dead);
        FailTickets(dead);
        foreach (InboundRequest request in running)
            request.Context.Cancel();
        if (Volatile.Read(ref _callRuns))
            _callContext!.Cancel();
        GoOnWithHeld();
        _unreferenced = _exports.Close();
        if (_otherRow.Requests > 0)
            Endpoint.Statistics.Retire(_otherRow);
        ForgetImports();
        _transport.Dispose();
        Interlocked.Exchange(ref _offered, null)?.Release();
        if (!_wasOpen)
            FailHandshake();
        Logger.LogDebug("{Session} ended: {Reason}", this, _closeReason);
        _closed.TrySetResult();
        ScheduleObituaries();
    }

    private void FailHandshake()
    {
        _opened.TrySetException(_goodbye ?? new IpcException(_closeError, $"The session with {Describe()} was not established: {_closeReason}"));
        // Nobody waits for it on the accepting side.
        _ = _opened.Task.Exception;
    }

    /// <summary>Obituaries come after the one-way calls that came before the death, but a handler that hangs does not hold them up for ever.</summary>
    private void ScheduleObituaries()
    {
        // The end is told before the count is read; whoever counts down does it the other way round: one of the two delivers.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _oneWayUnhandled) == 0 || Options.DeliveryGrace == TimeSpan.Zero)
        {
            DeliverObituaries();
            return;
        }

        _graceTimer = Options.TimeProvider.CreateTimer(_ => DeliverObituaries(), null, Options.DeliveryGrace, Timeout.InfiniteTimeSpan);
        if (Volatile.Read(ref _obituariesPosted) != 0)
            _graceTimer.Dispose();
    }

    private void DeliverObituaries()
    {
        if (Interlocked.Exchange(ref _obituariesPosted, 1) != 0)
            return;
        _graceTimer?.Dispose();
        Endpoint.Obituaries.Post(CallRecipients);
    }

    private void CallRecipients()
    {
        while (_obituaries.Take() is { } registration)
        {
            Endpoint.Counts.NoteObituary();
            try
            {
                registration.Fire(_closeReason!);
            }
            catch (Exception e)
            {
                // One recipient's failure must not keep the others from being called.
                Logger.LogError(e, "A death recipient for {Session} failed", this);
            }
        }

        Endpoint.Ended(this, _wasOpen);
        foreach (IpcStub stub in _unreferenced)
            Unreferenced(stub);
        _finished.TrySetResult();
    }
}
