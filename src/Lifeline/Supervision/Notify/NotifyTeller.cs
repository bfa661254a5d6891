using Lifeline.Contracts;
using Lifeline.Linux;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>Tells the core what services said through their notify sockets. On the decision loop only.</summary>
internal sealed class NotifyTeller(Supervisor supervisor, MainProcesses mains)
{
    private const string ErrnoField = "errno";
    private const string ExitStatusField = "exit_status";
    private const string BusErrorField = "bus_error";

    public void Tell(NotifyInbox inbox)
    {
        var (service, news) = (inbox.Service, inbox.Empty());
        if (news.Main is { } main)
        {
            mains.Offer(service, news.Generation, main);
            supervisor.Handle(new MainProcessTold(service, news.Generation, main.Pid, main.StartTicks));
        }

        if (news.Heartbeat is { } heartbeat)
            supervisor.Handle(new HeartbeatTold(service, news.Generation, heartbeat));
        if (news.MoreTime is { } time)
            supervisor.Handle(new MoreTimeAsked(service, news.Generation, time));
        TellLifeAndStatus(service, news);
        if (news.Beat)
            supervisor.Handle(new BeatReceived(service, news.Generation));
        if (news.Trouble)
            supervisor.Handle(new TroubleTold(service, news.Generation));
    }

    private void TellLifeAndStatus(string service, NotifyNews news)
    {
        // The text of a reload comes after the reload, which has one of its own; else the text is there when it becomes ready.
        var isTextFirst = !news.Lives.Contains(LifeWord.Reloading);
        if (isTextFirst)
            TellStatus(service, news);
        foreach (var life in news.Lives)
        {
            supervisor.Handle(life switch
            {
                LifeWord.Ready => new ReadyTold(service, news.Generation),
                LifeWord.Reloading => new ReloadTold(service, news.Generation),
                _ => new QuitTold(service, news.Generation),
            });
        }

        if (!isTextFirst)
            TellStatus(service, news);
    }

    // systemd's protocol knows texts and errors only: what was said of health before stays.
    private void TellStatus(string service, NotifyNews news)
    {
        if (news is { Status: null, Errno: null, ExitStatus: null, BusError: null })
            return;
        var view = supervisor.Core.View(service);
        var known = view?.Status;
        supervisor.Handle(new StatusChanged(service, news.Generation, new StatusReport
        {
            Health = view?.ReportedHealth ?? ServiceHealth.Unknown,
            Code = known?.Code ?? 0,
            Text = news.Status is { } text ? StatusText.Fit(text) : known?.Text ?? "",
            Fields = FieldsOf(known?.Fields ?? StatusReport.NoFields, news),
            // It says nothing of readiness; health alone must not make it ready.
            Ready = false,
            Sequence = (known?.Sequence ?? 0) + 1,
            AtNanoseconds = MonotonicClock.Nanoseconds,
        }));
    }

    private static IReadOnlyDictionary<string, StatusValue> FieldsOf(IReadOnlyDictionary<string, StatusValue> known, NotifyNews news)
    {
        if (news is { Errno: null, ExitStatus: null, BusError: null })
            return known;
        var fields = new Dictionary<string, StatusValue>(known, StringComparer.Ordinal);
        if (news.Errno is { } errno)
            Set(fields, ErrnoField, errno);
        if (news.ExitStatus is { } exit)
            Set(fields, ExitStatusField, StatusText.Fit(exit, StatusLimits.MaxFieldTextBytes));
        if (news.BusError is { } error)
            Set(fields, BusErrorField, StatusText.Fit(error, StatusLimits.MaxFieldTextBytes));
        return fields;
    }

    private static void Set(Dictionary<string, StatusValue> fields, string name, StatusValue value)
    {
        if (fields.Count < StatusLimits.MaxFields || fields.ContainsKey(name))
            fields[name] = value;
    }
}
