namespace Lifeline.Contracts;

/// <summary>Events in the order of their ids.</summary>
/// <param name="Events">The events; fewer than asked for when a page is full.</param>
/// <param name="LastId">The highest id looked at: asking again with it as <see cref="EventQuery.AfterId"/> goes on without a gap.</param>
public sealed record EventPage(IReadOnlyList<ServiceEvent> Events, long LastId);
