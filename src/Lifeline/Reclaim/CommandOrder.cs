namespace Lifeline.Reclaim;

/// <summary>A command of the user to run to its end.</summary>
internal sealed record CommandOrder
{
    /// <summary>Program and arguments. A program without a slash is searched in PATH of <see cref="Environment"/>.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    public string WorkingDirectory { get; init; } = "/";

    /// <summary>Its whole environment.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>What it reads from standard input; then that ends.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>After this it is killed with everything it started.</summary>
    public required TimeSpan Timeout { get; init; }
}
