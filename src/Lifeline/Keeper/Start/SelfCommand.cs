namespace Lifeline.Keeper;

/// <summary>How to start this program again: the executable, and the assembly before the arguments when it runs in <c>dotnet</c>.</summary>
internal sealed record SelfCommand(string Path, IReadOnlyList<string> LeadingArguments)
{
    /// <summary>Hidden command of a keeper.</summary>
    public const string Keeper = "__keeper";

    /// <summary>Hidden command of a monitor.</summary>
    public const string Monitor = "__monitor";

    /// <summary>Hidden command of a launcher.</summary>
    public const string Launcher = "__launcher";

    /// <summary>This program, as it was found when it started: an upgrade that replaces the file takes effect with the next start.</summary>
    public static SelfCommand Current()
    {
        string path = Environment.ProcessPath ?? throw new InvalidOperationException("/proc is not mounted: the program's own path is unknown");
        bool hosted = System.IO.Path.GetFileName(path) == "dotnet";
        return new SelfCommand(path, hosted ? [System.IO.Path.GetFullPath(Environment.GetCommandLineArgs()[0])] : []);
    }

    /// <summary>Arguments after the executable's own name for a hidden command.</summary>
    public List<string> Arguments(string command, IEnumerable<string> rest) => [.. LeadingArguments, command, .. rest];
}
