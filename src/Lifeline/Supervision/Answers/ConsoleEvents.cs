using System.Threading.Channels;
using Lifeline.Cli;
using Lifeline.Cli.Rendering;
using Lifeline.Contracts;
using Lifeline.Linux;

namespace Lifeline.Supervision;

/// <summary>
/// In the foreground: each committed event as a line on the terminal that <c>lifeline up</c> was started from. A terminal that is
/// not read (Ctrl-S, a pager) holds up nobody: what does not fit into the queue is left out and counted.
/// </summary>
internal sealed class ConsoleEvents : IDisposable
{
    /// <summary>Events that may wait for the terminal.</summary>
    public const int MaxWaiting = 1000;

    private static readonly TimeSpan LastLines = TimeSpan.FromSeconds(1);

    private readonly EventText _text;
    private readonly bool _isTerminal;
    private readonly Channel<ServiceEvent> _waiting = Channel.CreateBounded<ServiceEvent>(MaxWaiting);
    private readonly Thread _writer;
    private int _leftOut;

    public ConsoleEvents(TimeProvider time)
    {
        _isTerminal = Terminal.IsTerminal(1);
        _text = new EventText(time, _isTerminal && !CliContext.IsPlain(Environment.GetEnvironmentVariable));
        _writer = new Thread(Write) { IsBackground = true, Name = "console" };
        _writer.Start();
    }

    /// <summary>Called on the journal's thread: never waits.</summary>
    public void Post(IReadOnlyList<ServiceEvent> events)
    {
        foreach (var e in events)
            if (!_waiting.Writer.TryWrite(e))
                Interlocked.Increment(ref _leftOut);
    }

    /// <summary>Writes what waits, as far as the terminal takes it within a moment.</summary>
    public void Dispose()
    {
        _waiting.Writer.TryComplete();
        _writer.Join(LastLines);
    }

    private void Write()
    {
        try
        {
            while (_waiting.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
                while (_waiting.Reader.TryRead(out var e))
                    WriteLine(e);
        }
        catch (IOException)
        {
            // The terminal was closed; the events are in the journal.
        }
    }

    private void WriteLine(ServiceEvent e)
    {
        if (Interlocked.Exchange(ref _leftOut, 0) is var count and > 0)
            StandardStream.Output.WriteLine($"({count} events were not shown; lifeline events has them)");
        StandardStream.Output.WriteLine(_text.Format(e, _isTerminal ? Terminal.Columns(1) : null));
    }
}
