using System.CommandLine;
using Lifeline.Cli.Diagnosis;
using Lifeline.Cli.Rendering;

namespace Lifeline.Cli.Commands;

/// <summary><c>lifeline doctor</c>: what this machine allows, and what is used instead.</summary>
internal static class DoctorCommand
{
    public static Command Create(CommandScope scope)
    {
        var json = JsonText.Option("One JSON array on standard output");
        var command = new Command("doctor", "Say what this machine allows, what is used instead where it does not, and what that can miss. Exit status 1 if Lifeline cannot work here.") { json };
        command.SetAction(parsed =>
        {
            Finding[] findings = [.. KernelChecks.All(scope.Context.Variable), .. PlaceChecks.All(scope.Places(parsed))];
            if (parsed.GetValue(json)) scope.Context.Output.WriteLine(Json(findings));
            else Write(findings, scope.Context);
            return findings.Any(finding => finding.Level == FindingLevel.Bad) ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }

    private static string Json(IReadOnlyList<Finding> findings) => JsonText.Of(json =>
    {
        json.WriteStartArray();
        foreach (var finding in findings)
        {
            json.WriteStartObject();
            json.WriteString("what", finding.What);
            json.WriteString("level", finding.Level switch { FindingLevel.Good => "ok", FindingLevel.Less => "less", _ => "bad" });
            json.WriteString("found", finding.Found);
            json.WriteString("instead", finding.Instead);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    public static void Write(IReadOnlyList<Finding> findings, CliContext context)
    {
        var width = findings.Max(finding => finding.What.Length);
        foreach (var finding in findings)
        {
            context.Output.WriteLine(Wrapping.Below($"{Mark(finding.Level, context.Color)}  {finding.What.PadRight(width)}  ", finding.Found, context.TextWidth));
            if (finding.Instead is not null) context.Output.WriteLine(Wrapping.Below(new string(' ', width + 8), $"instead: {finding.Instead}", context.TextWidth));
        }
    }

    private static string Mark(FindingLevel level, bool color)
    {
        var (text, code) = level switch { FindingLevel.Good => ("ok  ", 32), FindingLevel.Less => ("less", 33), _ => ("BAD ", 31) };
        return color ? $"\e[{code}m{text}\e[0m" : text;
    }
}
