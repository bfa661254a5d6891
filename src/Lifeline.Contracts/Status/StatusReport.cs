using System.Collections.ObjectModel;

namespace Lifeline.Contracts;

/// <summary>One status of a service. Immutable; equal when all it says is equal, fields in any order.</summary>
public sealed record StatusReport
{
    /// <summary>The empty set of fields.</summary>
    public static readonly IReadOnlyDictionary<string, StatusValue> NoFields = ReadOnlyDictionary<string, StatusValue>.Empty;

    /// <summary>How the service is doing.</summary>
    public ServiceHealth Health { get; init; }

    /// <summary>A number of the service's own; 0 by default.</summary>
    public int Code { get; init; }

    /// <summary>One line for people; at most <see cref="StatusLimits.MaxTextBytes"/> bytes of UTF-8.</summary>
    public string Text { get; init; } = "";

    /// <summary>Named values, at most <see cref="StatusLimits.MaxFields"/>.</summary>
    public IReadOnlyDictionary<string, StatusValue> Fields { get; init; } = NoFields;

    /// <summary>Whether the service is ready for work; null says nothing about it.</summary>
    public bool? Ready { get; init; }

    /// <summary>Rises by one with each report of one reporter; 0 when it came from no reporter.</summary>
    public long Sequence { get; init; }

    /// <summary>When it was reported: nanoseconds of CLOCK_MONOTONIC.</summary>
    public long AtNanoseconds { get; init; }

    /// <summary>Whether both say the same to a reader, whatever their sequence and time.</summary>
    public bool HasSameContent(StatusReport? other) =>
        other is not null && Health == other.Health && Code == other.Code && Ready == other.Ready
        && Text == other.Text && SameFields(Fields, other.Fields);

    /// <inheritdoc/>
    public bool Equals(StatusReport? other) =>
        HasSameContent(other) && Sequence == other!.Sequence && AtNanoseconds == other.AtNanoseconds;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Health, Code, Text, Fields.Count, Ready, Sequence, AtNanoseconds);

    private static bool SameFields(IReadOnlyDictionary<string, StatusValue> left, IReadOnlyDictionary<string, StatusValue> right)
    {
        if (ReferenceEquals(left, right))
            return true;
        if (left.Count != right.Count)
            return false;
        foreach (var (name, value) in left)
        {
            if (!right.TryGetValue(name, out var other) || value != other)
                return false;
        }

        return true;
    }
}
