using System.CommandLine;
using Lifeline.Cli.Diagnosis;

namespace Lifeline.Cli.Commands;

/// <summary><c>lifeline doctor</c>: what this machine allows, and what is used instead.</summary>
internal static class DoctorCommand
{
    public static Command Create(CommandScope scope)
    {
        var command = new Command("doctor", "Say what this machine allows, what is used instead where it does not, and what that can miss. Exit status 1 if Lifeline cannot work here.");
        command.SetAction(parsed =>
        {
            Finding[] findings = [.. KernelChecks.All(scope.Context.Variable), .. PlaceChecks.All(scope.Places(parsed))];
            Write(findings, scope.Context);
            return findings.Any(finding => finding.Level == FindingLevel.Bad) ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }

    public static void Write(IReadOnlyList<Finding> findings, CliContext context)
    {
        var width = findings.Max(finding => finding.What.Length);
        foreach (var finding in findings)
        {
            context.Output.WriteLine($"{Mark(finding.Level, context.Color)}  {finding.What.PadRight(width)}  {finding.Found}");
            if (finding.Instead is not null) context.Output.WriteLine($"      {new string(' ', width)}  instead: {finding.Instead}");
        }
    }

    private static string Mark(FindingLevel level, bool color)
    {
        var (text, code) = level switch { FindingLevel.Good => ("ok  ", 32), FindingLevel.Less => ("less", 33), _ => ("BAD ", 31) };
        return color ? $"\e[{code}m{text}\e[0m" : text;
    }
}
