namespace Lifeline.Monitor;

/// <summary>An order about alerts. Answered by exactly one <see cref="AnswerOrder"/> with the same id.</summary>
/// <param name="Id">Chosen by the shell.</param>
/// <param name="Target">What it is about.</param>
/// <param name="By">Who gives it, for people.</param>
public abstract record AlertOrder(long Id, string Target, string By) : MonitorEvent;

/// <summary>Somebody takes care of what is open: nobody is told more of it before it is over.</summary>
/// <param name="Id">Chosen by the shell.</param>
/// <param name="Target">The number of an alert, or the name of a service.</param>
/// <param name="By">Who.</param>
/// <param name="Note">What they said, or null.</param>
public sealed record AcknowledgeOrder(long Id, string Target, string By, string? Note) : AlertOrder(Id, Target, By);

/// <summary>Nobody takes care any more: people are told again.</summary>
/// <param name="Id">Chosen by the shell.</param>
/// <param name="Target">The number of an alert, or the name of a service.</param>
/// <param name="By">Who says so.</param>
public sealed record UnacknowledgeOrder(long Id, string Target, string By) : AlertOrder(Id, Target, By);

/// <summary>Nobody is told for a while. A second one for the same target replaces the first.</summary>
/// <param name="Id">Chosen by the shell.</param>
/// <param name="Target">The name of a channel, or a pattern of services' names.</param>
/// <param name="By">Who.</param>
/// <param name="Duration">How long.</param>
/// <param name="Note">Why, or null.</param>
public sealed record SilenceOrder(long Id, string Target, string By, TimeSpan Duration, string? Note) : AlertOrder(Id, Target, By);

/// <summary>Ends a silence before its time.</summary>
/// <param name="Id">Chosen by the shell.</param>
/// <param name="Target">As it was given.</param>
/// <param name="By">Who.</param>
public sealed record UnsilenceOrder(long Id, string Target, string By) : AlertOrder(Id, Target, By);

/// <summary>The keeper died, and there is another. What lives is compared by <see cref="KeeperReplaced"/>, if the shell cannot tell itself.</summary>
/// <param name="Pid">The new keeper.</param>
public sealed record KeeperChanged(int Pid) : MonitorEvent;
