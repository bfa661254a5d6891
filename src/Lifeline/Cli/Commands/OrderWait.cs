using System.Globalization;
using System.Text.Json;
using Lifeline.Cli.Rendering;
using Lifeline.Contracts;

namespace Lifeline.Cli.Commands;

/// <summary>Waits until an order has come to its end, by the events that follow it.</summary>
internal sealed class OrderWait
{
    private static readonly TimeSpan LongPoll = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(5);

    // An order that the monitor took, and after which nothing at all happens to the service.
    private static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(10);

    private readonly MonitorAdminProxy admin;
    private readonly Order order;
    private readonly Dictionary<string, ServiceOutline> before;
    private readonly HashSet<string> touched = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> notReplaced = new(StringComparer.Ordinal);
    private Relations relations;
    private long after;

    private OrderWait(MonitorAdminProxy admin, Order order, Dictionary<string, ServiceOutline> before, Relations relations, long after)
    {
        this.relations = relations;
        this.admin = admin;
        this.order = order;
        this.before = before;
        this.after = after;
    }

    /// <summary>The services that are meant, instance by instance.</summary>
    public IReadOnlyList<string> Names => [.. before.Keys];

    /// <summary>What the order does to other services, in one line; null: nothing.</summary>
    public string? AlsoMoved => relations.AlsoMoved(order, before.Keys);

    /// <summary>To be called before the order is given, so that nothing that follows it is missed.</summary>
    public static async Task<OrderWait> BeginAsync(MonitorAdminProxy admin, Order order, IReadOnlyList<string> names, CancellationToken cancellation)
    {
        var all = await ServiceOutlines.AskAsync(admin, names, order == Order.Stop ? ServiceRelations.Dependents : ServiceRelations.Dependencies, cancellation).ConfigureAwait(false);
        var meant = (await ServiceNames.ExpandAsync(admin, names, all, cancellation).ConfigureAwait(false)).ToHashSet(StringComparer.Ordinal);
        var before = all.Where(service => meant.Contains(service.Name)).ToDictionary(service => service.Name, StringComparer.Ordinal);
        var page = await admin.EventsAsync(new EventQuery { Limit = 0 }, cancellation).ConfigureAwait(false);
        return new OrderWait(admin, order, before, new Relations(all), page.LastId);
    }

    /// <summary>Returns once all services have come to where the order sends them; ends the command if one does not.</summary>
    public async Task EndAsync(CliContext context, CancellationToken cancellation)
    {
        var started = context.Time.GetTimestamp();
        var saidAt = TimeSpan.Zero;
        while (true)
        {
            var services = await LookAsync(cancellation).ConfigureAwait(false);
            var elapsed = context.Time.GetElapsedTime(started);
            var open = services.Where(service => !IsDone(service, elapsed)).ToArray();
            if (open.Length == 0)
            {
                // By what was seen just now: a moment later it may be on its next try.
                await ReportAsync(services, cancellation).ConfigureAwait(false);
                return;
            }

            if (elapsed - saidAt >= ProgressEvery)
            {
                saidAt = elapsed;
                context.Say($"waiting for {string.Join(", ", open.Select(service => $"{service.Name} ({JsonNames.Of(service.State)})"))} ({(int)elapsed.TotalSeconds} s)");
            }
            await NoteEventsAsync(cancellation).ConfigureAwait(false);
        }
    }

    private async Task<IReadOnlyList<ServiceSnapshot>> LookAsync(CancellationToken cancellation)
    {
        var services = await ServiceNames.DetailsAsync(admin, before.Keys, cancellation).ConfigureAwait(false);
        if (services.All(service => service.State != ServiceState.Waiting)) return services;
        relations = new Relations(await ServiceOutlines.AskAsync(admin, [.. before.Keys], ServiceRelations.Dependencies, cancellation).ConfigureAwait(false));
        // What a service waits for is told as of after the look that finds that it waits in vain, not as of before.
        return await ServiceNames.DetailsAsync(admin, before.Keys, cancellation).ConfigureAwait(false);
    }

    private async Task NoteEventsAsync(CancellationToken cancellation)
    {
        var page = await admin.EventsAsync(new EventQuery { AfterId = after, Limit = CallLimits.MaxEvents, Wait = LongPoll }, cancellation).ConfigureAwait(false);
        after = page.LastId;
        foreach (var happened in page.Events)
        {
            if (happened.Service is not { } service || !happened.Kind.StartsWith("service.", StringComparison.Ordinal)) continue;
            touched.Add(service);
            if (happened.Kind == EventKinds.ServiceReplacementFailed)
                notReplaced[service] = string.Create(CultureInfo.InvariantCulture, $"generation {happened.Generation} did not take over: {TextOf(happened, "because") ?? "it ended"}");
        }
    }

    private bool IsDone(ServiceSnapshot service, TimeSpan elapsed)
    {
        var rests = service.State is ServiceState.Stopped or ServiceState.Exited or ServiceState.Failed;
        // The order was taken before the first look: whatever is against it is somebody's later word, and is not waited out.
        if (order == Order.Stop) return rests || service.State == ServiceState.Running;
        if (IsStoppedAgain(service)) return true;
        var isNew = service.Generation > before[service.Name].Generation;
        if (order == Order.Start && service.State == ServiceState.Running) return true;
        if (order == Order.Restart && (notReplaced.ContainsKey(service.Name) || (isNew && service.State == ServiceState.Running))) return true;
        if (service.State == ServiceState.Waiting) return relations.IsStuck(ServiceOutlines.Of(service)) && (touched.Contains(service.Name) || elapsed > SilenceLimit);
        // At rest: either it has been up and is down again, or the order has not come through yet.
        if (rests || service.State == ServiceState.Backoff) return isNew || (elapsed > SilenceLimit && !touched.Contains(service.Name));
        return false;
    }

    private bool IsStoppedAgain(ServiceSnapshot service) =>
        order != Order.Stop && service.State == ServiceState.Stopped && touched.Contains(service.Name);

    private async Task ReportAsync(IReadOnlyList<ServiceSnapshot> services, CancellationToken cancellation)
    {
        var problems = new List<string>();
        string? broken = null;
        foreach (var service in services)
        {
            if (order == Order.Stop)
            {
                if (service.State == ServiceState.Running) problems.Add($"{service.Name} was started again meanwhile, by another order");
                else if (service.Pid is { } living) problems.Add($"{service.Name} could not be stopped: process {living} still lives");
            }
            else if (IsStoppedAgain(service))
                problems.Add($"{service.Name} was stopped meanwhile, by another order");
            else if (order == Order.Restart && notReplaced.TryGetValue(service.Name, out var why))
            {
                problems.Add($"{service.Name} is not replaced: {Words.Line(why)}");
                broken ??= service.Name;
            }
            else if (service.State == ServiceState.Waiting)
                problems.Add($"{service.Name} {service.Because ?? "waits"}");
            else if (service.Generation == before[service.Name].Generation && service.State != ServiceState.Running)
                problems.Add($"{service.Name} was not started ({JsonNames.Of(service.State)})");
            else if (service.State is ServiceState.Failed or ServiceState.Backoff)
            {
                problems.Add($"{service.Name} {(service.State == ServiceState.Failed ? "failed" : "did not come up")}{(service.LastDeath is { } death ? ": " + Words.Death(death) + await ErrorAsync(service.Name, cancellation).ConfigureAwait(false) : "")}");
                broken ??= service.Name;
            }
        }
        if (problems.Count == 0) return;
        broken ??= problems[0].Split(' ')[0];
        throw new CliException(ExitCode.Failed, string.Join("; ", problems), $"\"lifeline logs {broken}\" and \"lifeline events --service {broken}\" say more");
    }

    // What could not be executed, and why, stands in the event only.
    private async Task<string> ErrorAsync(string service, CancellationToken cancellation)
    {
        var page = await admin.EventsAsync(new EventQuery { Service = service, Kind = EventKinds.ServiceDied, Limit = 1 }, cancellation).ConfigureAwait(false);
        return page.Events is [.., { Kind: EventKinds.ServiceDied } died] && TextOf(died, "error") is { } error ? $" ({Words.Line(error)})" : "";
    }

    private static string? TextOf(ServiceEvent happened, string field)
    {
        using var data = JsonDocument.Parse(happened.DataJson);
        return data.RootElement.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }
}
