using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>The orderly end of everything: asked, then killed, then what is left is named. It always ends.</summary>
internal sealed class Shutdown(SlotSet slots, Turn turn)
{
    private long _deadline;
    private bool _killed;

    public bool IsComplete { get; private set; }

    public long? NextDeadline => turn.ShuttingDown && !IsComplete ? _deadline : null;

    public void Begin(ShutdownRequested request, TimeSpan timeout)
    {
        if (!turn.ShuttingDown) AskAll(timeout);
        if (request.IsUrgent && !_killed) OutOfTime();
    }

    /// <summary>At the end of every turn.</summary>
    public void Look(bool isTick)
    {
        if (!turn.ShuttingDown || IsComplete) return;
        if (slots.IsSettled)
            Complete([]);
        else if (isTick && turn.Now >= _deadline)
            OutOfTime();
    }

    private void AskAll(TimeSpan timeout)
    {
        turn.ShuttingDown = true;
        _deadline = Monotonic.After(turn.Now, timeout);
        for (var i = slots.InOrder.Count - 1; i >= 0; i--)
        {
            var slot = slots.InOrder[i];
            slot.ShutDown = true;
            turn.Save(slot);
            slots.Apply(slot, new(SlotTrigger.Stop) { Cause = StopCause.Shutdown });
        }
    }

    private void OutOfTime()
    {
        if (_killed)
        {
            Complete([.. slots.InOrder.Where(slot => !slot.IsSettled)
                .Select(slot => new Leftover(slot.Name, slot.Generation, slot.Pid))]);
            return;
        }

        _killed = true;
        _deadline = Monotonic.After(turn.Now, turn.Options.ShutdownKillGrace);
        for (var i = slots.InOrder.Count - 1; i >= 0; i--)
            slots.Apply(slots.InOrder[i], new(SlotTrigger.StopNow));
    }

    private void Complete(IReadOnlyList<Leftover> left)
    {
        IsComplete = true;
        turn.Record(EventKinds.MonitorStopped, new EventData().With("left", EventValue.List([.. left.Select(Data)])));
        turn.Order(new ShutdownComplete(left));
    }

    private static EventData Data(Leftover left) => new EventData()
        .With("service", left.Service)
        .With("generation", left.Generation)
        .With("pid", left.Pid);
}
