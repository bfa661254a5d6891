using Lifeline.Alerting;
using Lifeline.Configuration;
using Lifeline.Contracts;
using Lifeline.Ipc;
using Lifeline.Linux;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>The desk of the running monitor: orders go through the decision loop, channels are the dispatcher's.</summary>
internal sealed class AlertDesk(Supervisor supervisor, OrderDesk orders, AlertDispatcher dispatcher, JournalNews journal, TimeProvider time) : IAlertDesk
{
    // Names in a message.
    private const int MaxShown = 20;

    public async Task<AlertOverview> OverviewAsync()
    {
        var (alerts, silences) = await supervisor
            .AskAsync(core => (core.OpenAlerts(), core.Silences(MonotonicClock.Nanoseconds)))
            .ConfigureAwait(false);
        if (journal.Alert is { } own)
            alerts = [own, .. alerts];
        return new AlertOverview(alerts, silences, dispatcher.Channels());
    }

    public Task AcknowledgeAsync(string target, string by, string? note) =>
        OrderAsync(id => new AcknowledgeOrder(id, target, by, note));

    public Task UnacknowledgeAsync(string target, string by) => OrderAsync(id => new UnacknowledgeOrder(id, target, by));

    public async Task SilenceAsync(string target, TimeSpan duration, string by, string? note)
    {
        if (duration <= TimeSpan.Zero || duration > AlertLimits.MaxSilence)
            throw new IpcException(IpcError.CheckParam, $"A silence of {duration} is not within 0 and {AlertLimits.MaxSilence.TotalDays:0} days.");
        try
        {
            await OrderAsync(id => new SilenceOrder(id, target, by, duration, note)).ConfigureAwait(false);
        }
        catch (IpcException e) when (e.Error == IpcError.NotFound)
        {
            var services = await supervisor.AskAsync(core => core.Services).ConfigureAwait(false);
            throw new IpcException(e.Error, NobodyToSilence(target, [.. dispatcher.Channels().Select(known => known.Name)], services), e);
        }
    }

    public Task UnsilenceAsync(string target, string by) => OrderAsync(id => new UnsilenceOrder(id, target, by));

    public async Task<AlertTestResult> TestAsync(string channel, string by, CancellationToken cancellation)
    {
        var test = new Alert
        {
            Channel = channel,
            Rule = "test",
            Service = "",
            Text = $"This is a test of the alert channel \"{channel}\", sent by {by}. Nothing is wrong.",
            At = time.GetUtcNow(),
        };
        return await dispatcher.TestAsync(test, cancellation).ConfigureAwait(false)
            ?? throw new IpcException(IpcError.NotFound, NoChannel(channel, [.. dispatcher.Channels().Select(known => known.Name)]));
    }

    /// <summary>What is said of a channel that is not configured: which was probably meant, or which there are.</summary>
    internal static string NoChannel(string typed, IReadOnlyList<string> known)
    {
        var hint = known.Count == 0 ? "none is configured ([alerts.NAME])" : $"there are: {string.Join(", ", known.Take(MaxShown))}{(known.Count > MaxShown ? ", …" : "")}";
        return $"there is no alert channel {Quoted.Of(typed)}; {NearestName.Hint(typed, known) ?? hint}";
    }

    /// <summary>What is said of a name to be silenced that is nobody's: which was probably meant, or what may be named.</summary>
    internal static string NobodyToSilence(string typed, IReadOnlyList<string> channels, IEnumerable<string> services) =>
        $"there is no alert channel and no service {Quoted.Of(typed)}; {NearestName.Hint(typed, channels.Concat(services)) ?? "\"lifeline alert list\" shows the channels, \"lifeline status\" the services"}";

    private Task OrderAsync(Func<long, AlertOrder> make)
    {
        var (id, answer) = orders.Open();
        supervisor.Post(make(id));
        return answer;
    }
}
