namespace Lifeline.Contracts;

/// <summary>Which events are wanted.</summary>
public sealed record EventQuery
{
    /// <summary>Those after this id; null: the last <see cref="Limit"/> of those that match.</summary>
    public long? AfterId { get; init; }

    /// <summary>Only those since this time.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only those of this service, or of one of these, with commas between; <c>*</c> and <c>?</c> match as in a shell. At most <see cref="CallLimits.MaxFilterBytes"/>.</summary>
    public string? Service { get; init; }

    /// <summary>Only those of this kind, as <c>service.died</c>, of a family of kinds, as <c>service.*</c>, or of one of several, with commas between. At most <see cref="CallLimits.MaxFilterBytes"/>.</summary>
    public string? Kind { get; init; }

    /// <summary>Only those before this time.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>At most so many, 0 to <see cref="CallLimits.MaxEvents"/>; 100 by default. 0 with no <see cref="AfterId"/> asks only for the newest id.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>If there are none, wait so long for the first; zero by default, at most <see cref="CallLimits.MaxWait"/>.</summary>
    public TimeSpan Wait { get; init; }
}
