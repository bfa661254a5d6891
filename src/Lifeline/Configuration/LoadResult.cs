namespace Lifeline.Configuration;

/// <summary>Either a configuration or the errors, never both.</summary>
internal sealed record LoadResult
{
    /// <summary>Null when there are errors.</summary>
    public required LifelineConfiguration? Configuration { get; init; }

    /// <summary>In the order of files and lines, at most <see cref="ConfigurationLoader.MaximumErrors"/>.</summary>
    public required IReadOnlyList<ConfigurationError> Errors { get; init; }

    /// <summary>How many errors were found beyond those listed.</summary>
    public required int ErrorsOmitted { get; init; }
}
