using Lifeline.Ipc.Dispatch;
using Lifeline.Ipc.Endpoints;
using Lifeline.Ipc.Rings;

namespace Lifeline.Ipc;

// The thread that receives sleeps on the ring of this session.
public sealed partial class IpcSession : ILoneTarget
{
    bool ILoneTarget.TryBeginAlone()
    {
        if (_rings is not { IsSwitched: true } rings || !rings.TryUse())
            return false;
        bool isToldOf = true;
        using (_receiveGate.Enter())
        {
            if (_state == Open && !_hasSleeper)
            {
                rings.ArmMode = RingSleep.Futex;
                if (_watchers == 0)
                    isToldOf = rings.TryArm();
            }
            else
            {
                rings.EndUse();
                return false;
            }
        }

        if (!isToldOf)
            Endpoint.Loop.ScheduleHere(this);
        return true;
    }

    void ILoneTarget.SleepAlone()
    {
        if (!IsClosed)
            _rings!.Sleep(Timeout.Infinite);
    }

    void ILoneTarget.WakeAlone()
    {
        if (!_rings!.TryUse())
            return;
        _rings.WakeSleeper();
        _rings.EndUse();
    }

    bool ILoneTarget.Turn(InlineBatch batch) => Turn(batch);

    bool ILoneTarget.EndAlone(InlineBatch batch)
    {
        bool more = false;
        using (_receiveGate.Enter())
        {
            if (!_hasSleeper)
                _rings!.ArmMode = RingSleep.Doorbell;
            if (_state == Open && _watchers == 0 && !_hasSleeper)
                more = !_rings!.TryArm();
        }

        _rings!.EndUse();
        return !more || Turn(batch);
    }
}
