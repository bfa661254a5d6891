namespace Lifeline.Monitor;

/// <summary>An order of somebody who may give it. Answered by exactly one <see cref="AnswerOrder"/> with the same id.</summary>
/// <param name="Id">Chosen by the shell.</param>
/// <param name="Service">The service it is about.</param>
public abstract record OperatorOrder(long Id, string Service) : MonitorEvent;

/// <summary>The service shall run. Ends backoff and failed, and starts the restart budget anew.</summary>
/// <param name="Id">Chosen by the shell.</param>
/// <param name="Service">The service.</param>
public sealed record StartOrder(long Id, string Service) : OperatorOrder(Id, Service);

/// <summary>The service shall not run.</summary>
/// <param name="Id">Chosen by the shell.</param>
/// <param name="Service">The service.</param>
public sealed record StopOrder(long Id, string Service) : OperatorOrder(Id, Service);

/// <summary>Stop, then start in a new generation; a service that does not run is started.</summary>
/// <param name="Id">Chosen by the shell.</param>
/// <param name="Service">The service.</param>
public sealed record RestartOrder(long Id, string Service) : OperatorOrder(Id, Service);

/// <summary>Send a signal to the main process. What it does then is its own affair and goes through the restart policy.</summary>
/// <param name="Id">Chosen by the shell.</param>
/// <param name="Service">The service.</param>
/// <param name="Signal">The signal's number, 1 to 64.</param>
public sealed record KillOrder(long Id, string Service, int Signal) : OperatorOrder(Id, Service);
