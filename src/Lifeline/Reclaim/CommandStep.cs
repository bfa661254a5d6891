using System.Globalization;
using Lifeline.Contracts;

namespace Lifeline.Reclaim;

/// <summary>The user's own cleaning command: told of the death in LIFELINE_DEATH_* variables.</summary>
internal sealed class CommandStep(TimeProvider time)
{
    public void Run(ReclaimRequest request, ReclaimReport report)
    {
        var result = new CommandRunner(time).Run(new CommandOrder
        {
            Command = request.Command!,
            WorkingDirectory = request.CommandFolder,
            Environment = EnvironmentOf(request),
            Timeout = request.CommandTimeout,
        });
        Note(string.Join(' ', request.Command!), result, report);
    }

    /// <summary>The outcome of a command as a step.</summary>
    public static void Note(string what, CommandResult result, ReclaimReport report)
    {
        if (result.Succeeded)
            report.Add(ReclaimKind.Command, what, ReclaimOutcome.Removed);
        else
            report.Add(ReclaimKind.Command, what, ReclaimOutcome.Failed, result.Describe());
    }

    private static Dictionary<string, string> EnvironmentOf(ReclaimRequest request)
    {
        var death = request.Death;
        return new Dictionary<string, string>(request.CommandEnvironment, StringComparer.Ordinal)
        {
            ["LIFELINE_DEATH_SERVICE"] = request.Service,
            ["LIFELINE_DEATH_GENERATION"] = Text(request.Generation),
            ["LIFELINE_DEATH_REASON"] = death is null ? "" : JsonNames.Of(death.Reason),
            ["LIFELINE_DEATH_EXIT_CODE"] = Text(death?.ExitCode),
            ["LIFELINE_DEATH_SIGNAL"] = Text(death?.Signal),
            ["LIFELINE_DEATH_PID"] = Text(death?.Pid ?? request.Tree.MainPid),
            ["LIFELINE_DEATH_AT"] = death is null ? "" : death.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        };
    }

    private static string Text(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
