using Lifeline.Contracts;
using Lifeline.Ipc;
using Lifeline.Journal;
using Lifeline.Keeper;
using Lifeline.Linux;
using Lifeline.Logs;
using Lifeline.Monitor;
using Lifeline.Reclaim;

namespace Lifeline.Supervision;

/// <summary>
/// Does what the core decided. Runs on the decision loop, except for what must wait for the disk, which runs on the
/// <see cref="Committer"/>'s thread. Never waits itself.
/// </summary>
internal sealed class EffectRunner(
    KeeperLink keeper,
    Committer committer,
    ControlGroups groups,
    LaunchPlanner launches,
    ReclaimPlanner reclaims,
    ReclaimRunner reclaimer,
    Reporters reporters,
    LogCollector logs,
    OrderDesk orders,
    AlertRouter alerts,
    ServiceDirectory services)
{
    private Supervisor _supervisor = null!;

    /// <summary>Called with the outcome of a shutdown.</summary>
    public Action<ShutdownComplete> ShutDown { get; set; } = _ => { };

    /// <summary>Who is told of outcomes. Set once, before the first effect.</summary>
    public void Attach(Supervisor supervisor) => _supervisor = supervisor;

    /// <summary>Carries out one batch.</summary>
    public void Run(List<Effect> effects)
    {
        if (effects.Count == 0)
            return;
        var (batch, later) = Sort(effects);
        if (later is not null)
            committer.Commit(batch, onDisk => RunCommitted(later, onDisk));
        else if (batch is not { Events.Count: 0, Slots.Count: 0, RemovedSlots.Count: 0 })
            committer.Commit(batch);
        foreach (var effect in effects)
            if (!effect.NeedsCommit)
                RunNow(effect);
    }

    private (JournalBatch Batch, List<Effect>? Later) Sort(List<Effect> effects)
    {
        List<JournalEvent>? events = null;
        List<SavedSlot>? slots = null;
        List<string>? removed = null;
        List<Effect>? later = null;
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case RecordEvent record:
                    (events ??= []).Add(new JournalEvent(record.Kind, record.Service, record.Generation, record.Data.ToJson()));
                    break;
                case SaveSlot save:
                    (slots ??= []).Add(SlotRecords.ToSaved(save.Record, groups));
                    break;
                case ForgetSlot forget:
                    (removed ??= []).Add(forget.Service);
                    break;
                case { NeedsCommit: true }:
                    (later ??= []).Add(effect);
                    break;
            }
        }

        return (new JournalBatch { Events = events ?? [], Slots = slots ?? [], RemovedSlots = removed ?? [] }, later);
    }

    private void RunNow(Effect effect)
    {
        switch (effect)
        {
            case SendSignal signal:
                TrySignal(signal.Service, signal.Generation, signal.Signal);
                break;
            case AskToStop ask:
                AskReporters(ask);
                break;
            case KillTree kill:
                Kill(kill);
                break;
            case Lifeline.Monitor.Reclaim reclaim:
                Reclaim(reclaim);
                break;
            case ForgetSlot forget:
                services.Forget(forget.Service);
                break;
        }
    }

    private void RunCommitted(List<Effect> effects, bool onDisk)
    {
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case Launch launch:
                    Start(launch);
                    break;
                case AcknowledgeExit acknowledge when onDisk:
                    keeper.Acknowledge(acknowledge.Service, acknowledge.Generation);
                    break;
                case RaiseAlert raise:
                    alerts.Raise(raise);
                    break;
                case ResolveAlert resolve:
                    alerts.Resolve(resolve);
                    break;
                case AnswerOrder answer:
                    orders.Answer(answer);
                    break;
                case ShutdownComplete complete:
                    ShutDown(complete);
                    break;
            }
        }
    }

    private void Start(Launch launch)
    {
        if (services.Find(launch.Service) is not { } service)
        {
            Fail(launch, "the service is no longer configured");
            return;
        }

        try
        {
            _ = logs.BeginGenerationAsync(launch.Service, launch.Generation);
            keeper.Launch(launches.Plan(service, launch.Generation));
        }
        catch (Exception e) when (e is LinuxException or ArgumentException or KeeperProtocolException)
        {
            Fail(launch, e.Message);
        }
    }

    private void Fail(Launch launch, string error)
    {
        groups.NoteUnborn(launch.Service, launch.Generation, null);
        _supervisor.Post(new LaunchFailed(launch.Service, launch.Generation, error, MonotonicClock.Nanoseconds));
    }

    private void TrySignal(string service, int generation, int signal)
    {
        try
        {
            keeper.Signal(service, generation, signal);
        }
        catch (LinuxException e) when (e.Errno == Errno.EPERM)
        {
            // A service that became another user by itself; its end comes by the KILL to its tree, or not at all, which is then told.
        }
    }

    private void AskReporters(AskToStop ask)
    {
        foreach (var reporter in reporters.Of(ask.Service, ask.Generation))
        {
            try
            {
                reporter.Proxy?.StopRequested(ask.Timeout);
            }
            catch (Exception e) when (e is IpcException or ObjectDisposedException)
            {
                // It does not listen, or is gone: the stop signal follows.
            }
        }
    }

    private void Kill(KillTree kill)
    {
        TrySignal(kill.Service, kill.Generation, Signals.Kill);
        var view = _supervisor.Core.View(kill.Service);
        _ = reclaimer.KillAsync(reclaims.TreeOf(kill.Service, kill.Generation, view?.Pid, view?.StartTicks ?? 0));
    }

    private void Reclaim(Lifeline.Monitor.Reclaim order)
    {
        var request = reclaims.Plan(order, services.Find(order.Service), _supervisor.Core.View(order.Service));
        var run = reclaimer.RunAsync(request);
        if (run.IsCompletedSuccessfully)
            Finish(order, run.Result, _supervisor.Handle);
        else
            _ = FinishLaterAsync(order, run);
    }

    private async Task FinishLaterAsync(Lifeline.Monitor.Reclaim order, Task<ReclaimResult> run)
    {
        ReclaimResult result;
        try
        {
            result = await run.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // The runner turns what it finds into steps; anything else is a bug of ours and must not stop the service for ever.
            result = new ReclaimResult([new ReclaimStep(ReclaimKind.Process, order.Service, ReclaimOutcome.Failed, e.Message)], TreeEmpty: false, TimeSpan.Zero);
        }

        Finish(order, result, _supervisor.Post);
    }

    private void Finish(Lifeline.Monitor.Reclaim order, ReclaimResult result, Action<MonitorEvent> tell)
    {
        if (result.TreeEmpty)
        {
            reporters.Forget(order.Service, order.Generation);
            reclaims.Release(order.Service, order.Generation);
        }

        tell(new ReclaimFinished(order.Service, order.Generation, order.Attempt, result.Steps, result.TreeEmpty, (long)result.Took.TotalNanoseconds));
    }
}
