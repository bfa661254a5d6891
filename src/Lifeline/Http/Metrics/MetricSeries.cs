namespace Lifeline.Http;

/// <summary>The values of one instrument under one combination of labels. Of its family, under its lock.</summary>
internal sealed class MetricSeries
{
    /// <summary>As Prometheus writes them: <c>a="b",c="d"</c>; empty: none.</summary>
    public required string Labels { get; init; }

    /// <summary>The same as they were given.</summary>
    public required KeyValuePair<string, object?>[] Tags { get; init; }

    /// <summary>The value; of a histogram the sum.</summary>
    public double Value { get; set; }

    /// <summary>How many values are in each bucket, the last one has no bound; empty: no histogram.</summary>
    public required long[] Buckets { get; init; }
}
