using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>Which services an event and what followed from it may have changed, for those who show states.</summary>
internal static class ServiceChanges
{
    /// <summary>Adds their names.</summary>
    /// <returns>True: the list of services itself may be another.</returns>
    public static bool Collect(MonitorEvent happened, IReadOnlyList<Effect> effects, ISet<string> changed)
    {
        var all = happened is MonitorStarted or ConfigurationChanged;
        switch (happened)
        {
            // Frequent, and nothing that is shown: what follows from them is an effect.
            case BeatReceived or ResourceClaimed or ResourceUnclaimed:
                break;
            case InstanceEvent instance:
                changed.Add(SlotKeys.ServiceOf(instance.Service));
                break;
            case OperatorOrder order:
                changed.Add(order.Service);
                break;
        }

        foreach (var effect in effects)
        {
            if (effect is RecordEvent { Service: { } service })
                changed.Add(service);
            else if (effect is SaveSlot save)
                changed.Add(SlotKeys.ServiceOf(save.Record.Service));
            else if (effect is ForgetSlot)
                all = true;
        }

        return all;
    }
}
