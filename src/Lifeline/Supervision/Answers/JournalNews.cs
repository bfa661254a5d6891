using Lifeline.Contracts;
using Lifeline.Journal;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>Tells people that the journal cannot be written, for as long as it cannot. Safe for any thread.</summary>
internal sealed class JournalNews
{
    private const string WrittenAgain = "the journal can be written again";

    private readonly JournalStore _journal;
    private readonly Supervisor _supervisor;
    private readonly Action<string> _log;

    public JournalNews(JournalStore journal, Supervisor supervisor, Action<string> log)
    {
        (_journal, _supervisor, _log) = (journal, supervisor, log);
        journal.Troubled = Tell;
    }

    /// <summary>
    /// What is wrong now; null: nothing. Without a number and a channel: it can neither be acknowledged nor silenced, and is over by itself.
    /// </summary>
    public OpenAlert? Alert => _journal.Trouble is not { } trouble ? null : new OpenAlert
    {
        Id = 0,
        Service = "",
        Rule = AlertRuleNames.Of(AlertRule.Monitor),
        State = "open",
        Since = trouble.Since,
        Text = TextOf(trouble),
        Count = 1,
        Channels = [],
    };

    private void Tell(JournalTrouble? trouble)
    {
        _log(trouble is null ? WrittenAgain : TextOf(trouble));
        _supervisor.Post(trouble is null ? new MonitorTroubleOver($"{WrittenAgain}, and has what waited") : new MonitorTrouble(TextOf(trouble)));
    }

    private static string TextOf(JournalTrouble trouble) =>
        $"the journal cannot be written ({trouble.Message}): services are supervised as ever, and events wait in memory until there is room on the disk of the state folder";
}
