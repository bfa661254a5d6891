using Lifeline.Contracts;

namespace Lifeline.Monitor.Tests.Simulation;

/// <summary>
/// What operators were told would happen: an order that was answered stands, whoever dies after it. Where a fresh start or a reload
/// decides anew, nothing is expected.
/// </summary>
internal sealed class Wishes
{
    private readonly Dictionary<long, (OperatorOrder Order, int LeastGeneration)> _given = [];
    private readonly Dictionary<string, (bool Wanted, int LeastGeneration)> _standing = [];

    public void Give(OperatorOrder order, SlotView? view, MonitorConfiguration configuration)
    {
        if (order is KillOrder) return;
        if (order is StartOrder or RestartOrder) ForgetBeneath(order.Service, configuration);
        // Whether an overlap ends well is told by the answer, and how it ended by the events with it.
        var overlaps = configuration.Services.Any(spec => spec.Name == order.Service && spec.Overlaps);
        var restarts = !overlaps && order is RestartOrder && view?.Phase is SlotPhase.Starting or SlotPhase.Running;
        _given[order.Id] = (order, restarts ? view!.Generation + 1 : 0);
    }

    // Who starts something wants what it depends on, whatever was said of that before.
    private void ForgetBeneath(string service, MonitorConfiguration configuration)
    {
        foreach (var dependency in configuration.Services.FirstOrDefault(spec => spec.Name == service)?.DependsOn ?? [])
        {
            _standing.Remove(dependency);
            foreach (var id in _given.Where(given => given.Value.Order.Service == dependency).Select(given => given.Key).ToArray())
                _given.Remove(id);
            ForgetBeneath(dependency, configuration);
        }
    }

    public void OnCommitted(IReadOnlyList<Effect> batch)
    {
        foreach (var effect in batch)
        {
            if (effect is not AnswerOrder answer || !_given.Remove(answer.OrderId, out var given) || answer.Refusal is not null) continue;
            var replaced = batch.OfType<RecordEvent>().LastOrDefault(e => e.Kind == EventKinds.ServiceReplaced && e.Service == given.Order.Service);
            _standing[given.Order.Service] = (given.Order is not StopOrder, Math.Max(given.LeastGeneration, replaced?.Generation ?? 0));
        }
    }

    /// <summary>Whoever ordered has lost the monitor, and does not know what becomes of it.</summary>
    public void LoseUnanswered() => _given.Clear();

    /// <summary>Nobody waits for an answer for ever.</summary>
    public void CheckAnswered()
    {
        if (_given.Count > 0) throw new InvariantBrokenException($"{_given.First().Value.Order} was never answered");
    }

    /// <summary>The configuration, a shutdown or a new boot decides from here on.</summary>
    public void Forget()
    {
        _given.Clear();
        _standing.Clear();
    }

    /// <summary>An order that was taken is what is wanted from that moment on.</summary>
    public static void CheckTaken(OperatorOrder order, SlotView view)
    {
        if (view.Wanted != order is not StopOrder)
            throw new InvariantBrokenException($"{order} was taken and {view.Service} is {(view.Wanted ? "" : "not ")}wanted");
    }

    public void Check(SlotView view)
    {
        if (!_standing.TryGetValue(SlotKeys.ServiceOf(view.Service), out var wish)) return;
        if (wish.Wanted != view.Wanted)
            throw new InvariantBrokenException($"{view.Service} was ordered to {(wish.Wanted ? "run" : "stop")} and rests in {view.Phase}");
        if (view.Generation < wish.LeastGeneration && view.Phase != SlotPhase.Waiting)
            throw new InvariantBrokenException($"{view.Service} was ordered to restart and is still generation {view.Generation}");
    }
}
