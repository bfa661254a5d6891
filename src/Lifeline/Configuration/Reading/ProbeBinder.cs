namespace Lifeline.Configuration;

/// <summary>Makes the records of probes.</summary>
internal sealed class ProbeBinder(ErrorList errors)
{
    private static readonly string[] Kinds = ["http", "tcp", "exec"];

    /// <summary>Null: there is none, or it is wrong.</summary>
    /// <remarks><paramref name="other"/>: gives what <paramref name="section"/> does not say; whom to ask only if it names nobody.</remarks>
    public ProbeSettings? Bind(Section? section, Section? other)
    {
        if (section is null) return null;
        var whom = other is not null && !Kinds.Any(section.Has) ? other : section;
        var given = Kinds.Where(whom.Has).ToArray();
        if (given.Length == 0)
            errors.Add(section.Location, "the probe does not say whom to ask", "give exactly one of http, tcp and exec");
        else if (given.Length > 1)
            errors.Add(whom.Find(given[1])!.Value, $"the probe has both {given[0]} and {given[1]}", "give exactly one of http, tcp and exec");
        var numbers = other is null ? section : section.Over(other);
        return new ProbeSettings
        {
            Http = whom.Get<Uri>("http"),
            Tcp = whom.Get<ProbeAddress>("tcp"),
            Exec = whom.Get<string[]>("exec"),
            Interval = numbers.Get<TimeSpan>("interval"),
            Timeout = numbers.Get<TimeSpan>("timeout"),
            Failures = numbers.Get<int>("failures"),
            Successes = numbers.Get<int>("successes"),
            Action = numbers.Get<string>("action") == "report" ? ProbeAction.Report : ProbeAction.Restart,
        };
    }
}
