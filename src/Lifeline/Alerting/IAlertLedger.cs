using Lifeline.Journal;

namespace Lifeline.Alerting;

/// <summary>Where a channel writes down what became of its alerts.</summary>
internal interface IAlertLedger
{
    void Postpone(OutboxEntry entry, string? error);

    void Settle(OutboxEntry entry, bool delivered, string? error);
}
