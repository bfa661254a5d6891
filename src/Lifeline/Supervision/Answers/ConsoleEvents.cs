using Lifeline.Cli.Rendering;
using Lifeline.Contracts;
using Lifeline.Linux;

namespace Lifeline.Supervision;

/// <summary>In the foreground: each committed event as a line on the terminal that <c>lifeline up</c> was started from.</summary>
internal sealed class ConsoleEvents
{
    private readonly EventText _text;

    public ConsoleEvents(TimeProvider time)
    {
        var color = Terminal.IsTerminal(1) && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        _text = new EventText(time, color);
    }

    public void Write(IReadOnlyList<ServiceEvent> events)
    {
        try
        {
            foreach (var e in events)
                Console.Out.WriteLine(_text.Format(e));
        }
        catch (IOException)
        {
            // The terminal was closed; the events are in the journal.
        }
    }
}
