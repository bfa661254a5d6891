namespace Lifeline.Configuration;

/// <summary>Where the metrics are sent by OTLP.</summary>
internal sealed record OtlpSettings
{
    /// <summary>The whole address, with its path; a user and password in it are sent as Basic authentication.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>From one export to the next.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>Sent with each request; the values are secrets.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>The same in every key.</summary>
    public bool IsSameAs(OtlpSettings other) =>
        Endpoint.Equals(other.Endpoint) && Endpoint.UserInfo == other.Endpoint.UserInfo && Interval == other.Interval
        && Headers.Count == other.Headers.Count && Headers.All(header => other.Headers.GetValueOrDefault(header.Key) == header.Value);
}
