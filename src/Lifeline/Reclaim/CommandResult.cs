using System.Globalization;
using Lifeline.Linux;

namespace Lifeline.Reclaim;

/// <summary>How a command ended.</summary>
internal sealed record CommandResult
{
    /// <summary>Null if it could not be started.</summary>
    public ExitStatus? Exit { get; init; }

    /// <summary>The time limit it exceeded; null if it did not.</summary>
    public TimeSpan? Exceeded { get; init; }

    /// <summary>The end of what it wrote, both streams together.</summary>
    public string Output { get; init; } = "";

    /// <summary>Why it could not be started.</summary>
    public string? StartError { get; init; }

    public bool Succeeded => Exceeded is null && Exit is { ExitCode: 0 };

    /// <summary>One sentence without its ending.</summary>
    public string Describe()
    {
        if (StartError is not null)
            return StartError;
        if (Exceeded is { } limit)
            return string.Create(CultureInfo.InvariantCulture, $"it ran longer than {limit.TotalSeconds:0.###} s and was killed") + LastLine();
        return Exit switch
        {
            { ExitCode: { } code } => string.Create(CultureInfo.InvariantCulture, $"it exited with {code}") + LastLine(),
            { Signal: { } signal } => $"it was killed by SIG{Signals.NameOf(signal)}" + LastLine(),
            _ => "how it ended is not known",
        };
    }

    private string LastLine()
    {
        const int Longest = 200;
        var line = Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault();
        if (line is null)
            return "";
        return ": " + (line.Length <= Longest ? line : line[..Longest] + "…");
    }
}
