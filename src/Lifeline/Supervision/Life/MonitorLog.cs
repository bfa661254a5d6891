using Lifeline.Keeper;
using Microsoft.Extensions.Logging;

namespace Lifeline.Supervision;

/// <summary>
/// The monitor's few lines: warnings of the IPC kit (why a peer's session ended), what could not be done, and the last words of a
/// monitor that breaks off. Thread-safe.
/// </summary>
internal sealed class MonitorLog : ILogger, IDisposable
{
    private readonly KeeperLog _log;

    public MonitorLog(string runFolder, TimeProvider time)
    {
        _log = new KeeperLog(runFolder, time, "monitor");
        AppDomain.CurrentDomain.UnhandledException += Unhandled;
    }

    public void Write(string text) => _log.Write(text);

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            Write(exception is null ? formatter(state, null) : $"{formatter(state, exception)}: {exception.Message}");
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.UnhandledException -= Unhandled;
        _log.Dispose();
    }

    private void Unhandled(object sender, UnhandledExceptionEventArgs e) => Write($"the monitor breaks off: {e.ExceptionObject}");
}
