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
        var restarts = order is RestartOrder && view?.Phase is SlotPhase.Starting or SlotPhase.Running;
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
            _standing[given.Order.Service] = (given.Order is not StopOrder, given.LeastGeneration);
        }
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
        if (!_standing.TryGetValue(view.Service, out var wish)) return;
        if (wish.Wanted != view.Wanted)
            throw new InvariantBrokenException($"{view.Service} was ordered to {(wish.Wanted ? "run" : "stop")} and rests in {view.Phase}");
        if (view.Generation < wish.LeastGeneration && view.Phase != SlotPhase.Waiting)
            throw new InvariantBrokenException($"{view.Service} was ordered to restart and is still generation {view.Generation}");
    }
}
