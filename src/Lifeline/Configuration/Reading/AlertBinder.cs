using Lifeline.Alerting;
using MimeKit;

namespace Lifeline.Configuration;

/// <summary>Makes the records of [alerts], and checks what concerns more than one key of them.</summary>
internal sealed class AlertBinder(ErrorList errors)
{
    private static readonly string[] Kinds = ["command", "webhook", "email", "alertmanager"];

    // Which keys make sense only beside which kind.
    private static readonly (string Key, string Kind)[] Belongings =
        [("format", "webhook"), ("template", "webhook"), ("smtp", "email"), ("tls", "email"), ("tls_ca", "email"), ("from", "email")];

    private readonly List<(Section Section, string Wanted)> patterns = [];

    public AlertConfiguration Bind(NamedSection named, List<ServiceConfiguration> all)
    {
        var section = named.Section;
        CheckKind(named.Name, section);
        if (section.Has("services"))
            foreach (var service in section.Get<string[]>("services")!) patterns.Add((section, service));
        return new AlertConfiguration
        {
            Name = named.Name,
            Location = section.Location,
            Command = section.Get<string[]>("command"),
            Webhook = section.Get<Uri>("webhook"),
            Format = Enum.Parse<WebhookFormat>(section.Get<string>("format")!, ignoreCase: true),
            Template = Template(section),
            Email = section.Get<string>("email") is { } address ? Email(section, address) : null,
            Alertmanager = section.Get<Uri>("alertmanager"),
            WorkingDirectory = named.Folder,
            On = section.Get<string[]>("on")!,
            Services = WithInstances(section.Get<string[]>("services")!, all),
            For = section.Get<TimeSpan>("for"),
            GroupWait = section.Get<TimeSpan>("group_wait"),
            Throttle = section.Get<TimeSpan>("throttle"),
        };
    }

    /// <summary>Every pattern must mean somebody.</summary>
    public void CheckServices(LifelineConfiguration configuration)
    {
        foreach (var (section, wanted) in patterns)
        {
            if (wanted == "*" || configuration.Services.Any(service => Glob.IsMatch(wanted, service.Name) || Glob.IsMatch(wanted, service.Family))) continue;
            errors.Add(section.Find("services")!.Value, $"no service matches {Quoted.Of(wanted)}", NearestName.Hint(wanted, configuration.Services.Select(service => service.Family).Distinct()));
        }
    }

    private void CheckKind(string name, Section section)
    {
        var given = Kinds.Where(section.Has).ToArray();
        if (given.Length == 0)
            errors.Add(section.Location, $"[alerts.{name}] has none of command, webhook, email and alertmanager", "give exactly one of them");
        else if (given.Length > 1)
            errors.Add(section.Find(given[1])!.Value, $"[alerts.{name}] has both {given[0]} and {given[1]}", "make a second alert for the second one");
        foreach (var (key, kind) in Belongings)
            if (given.Length == 1 && section.Has(key) && given[0] != kind)
                errors.Add(section.Find(key)!.Value, $"[alerts.{name}] has {key} and no {kind}", $"{key} is for alerts with {kind}");
        if (section.Has("template") && section.Has("format"))
            errors.Add(section.Find("template")!.Value, $"[alerts.{name}] has both format and template", "remove one of them");
    }

    private string? Template(Section section)
    {
        if (section.Get<string>("template") is not { } template) return null;
        if (WebhookTemplate.Check(template) is { } wrong) errors.Add(section.Find("template")!.Value, $"the template is wrong: {wrong}");
        return template;
    }

    private EmailTarget? Email(Section section, string to)
    {
        var from = section.Get<string>("from") ?? $"lifeline@{Environment.MachineName}";
        if (!IsMailbox(to)) errors.Add(section.Find("email")!.Value, $"{Quoted.Of(to)} is no mail address");
        if (!IsMailbox(from)) errors.Add(section.Find("from") ?? section.Location, $"{Quoted.Of(from)} is no mail address", "write from = \"lifeline@example.org\"");
        if (!Uri.TryCreate(section.Get<string>("smtp"), UriKind.Absolute, out var server) || server.Scheme is not ("smtp" or "smtps") || server.Host.Length == 0)
        {
            // The address may hold a secret that came out of a variable: it is not shown.
            errors.Add(section.Find("smtp") ?? section.Location, "\"smtp\" must be an address that begins with smtp:// or smtps://", "write smtp = \"smtp://mail.example.org:587\"");
            return null;
        }

        var isImplicit = server.Scheme == "smtps";
        var tls = Enum.Parse<MailTls>(section.Get<string>("tls")!, ignoreCase: true);
        if (isImplicit && tls is MailTls.StartTls or MailTls.None)
            errors.Add(section.Find("tls")!.Value, "smtps:// means TLS from the first byte, and tls says otherwise", "write smtp://, or remove tls");
        var authorities = section.Get<string>("tls_ca");
        if (authorities is not null && MailTrust.Check(authorities) is { } wrong)
            errors.Add(section.Find("tls_ca")!.Value, wrong, "tls_ca is a PEM file: -----BEGIN CERTIFICATE-----");
        var user = server.UserInfo.Split(':', 2);
        return new EmailTarget(to, from, server.IdnHost, server.Port > 0 ? server.Port : isImplicit ? 465 : 25, isImplicit ? MailTls.Implicit : tls)
        {
            Authorities = authorities,
            User = user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null,
            Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
        };
    }

    private static bool IsMailbox(string text) =>
        InternetAddressList.TryParse(text, out var list) && list.Count > 0 && list.All(address => address is MailboxAddress mailbox && mailbox.Address.Contains('@', StringComparison.Ordinal));

    // The name of a service with several instances means all of them.
    private static string[] WithInstances(string[] patterns, List<ServiceConfiguration> services)
    {
        var families = services.Where(service => service.Name != service.Family).Select(service => service.Family).Distinct().ToArray();
        return families.Length == 0
            ? patterns
            : [.. patterns, .. patterns.Where(pattern => families.Any(family => Glob.IsMatch(pattern, family))).Select(pattern => pattern + ".*").Except(patterns)];
    }
}
