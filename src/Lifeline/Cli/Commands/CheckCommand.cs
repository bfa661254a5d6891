using System.CommandLine;
using Lifeline.Cli.Diagnosis;
using Lifeline.Cli.Rendering;
using Lifeline.Configuration;

namespace Lifeline.Cli.Commands;

/// <summary><c>lifeline check</c>: validates a configuration and starts nothing.</summary>
internal static class CheckCommand
{
    public const string DefaultFile = "lifeline.toml";

    public static Argument<string?> FileArgument() => new("FILE")
    {
        Description = $"The configuration (default: {DefaultFile} in the current folder)",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Command Create(CommandScope scope)
    {
        var file = FileArgument();
        var json = JsonText.Option();
        var command = new Command("check", "Validate a configuration and start nothing. Exit status 2 and all errors if something is wrong; warnings for what the machine lacks now.") { file, json };
        command.SetAction(parsed =>
        {
            var configuration = Load(parsed.GetValue(file), scope.Context);
            var warnings = StartChecks.Run(configuration, scope.Context.Variables());
            if (parsed.GetValue(json))
            {
                scope.Context.Output.WriteLine(JsonText.Object(found =>
                {
                    found.WriteStrings("services", configuration.Services.Select(service => service.Name));
                    found.WriteStrings("alerts", configuration.Alerts.Select(alert => alert.Name));
                    found.WriteStrings("warnings", warnings);
                }));
                return ExitCode.Done;
            }
            foreach (var warning in warnings)
                scope.Context.Error.WriteLine(Wrapping.Below("warning: ", warning, scope.Context.ErrorWidth));
            var more = warnings.Count == 0 ? "" : $", {Count(warnings.Count, "warning")}: what is missing now must be there before the start";
            scope.Context.Output.WriteLine($"{Describe(configuration, scope.Context.CurrentFolder)}: no errors{more}");
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>The configuration; prints all errors and ends the command if there are any.</summary>
    public static LifelineConfiguration Load(string? file, CliContext context)
    {
        var path = Path.GetFullPath(file ?? DefaultFile, context.CurrentFolder);
        if (file is null && !File.Exists(path))
            throw new CliException(ExitCode.WrongUsage, $"there is no {DefaultFile} in {context.CurrentFolder}", "name a configuration file, or change to its folder");
        var result = ConfigurationLoader.Load(path, context.Variables());
        if (result.Configuration is { } configuration) return configuration;
        context.Error.Write(ErrorReport.Render(result, context.CurrentFolder, context.ErrorColor));
        throw new CliException(ExitCode.WrongUsage, "the configuration is wrong; nothing was started");
    }

    private static string Describe(LifelineConfiguration configuration, string currentFolder)
    {
        var relative = Path.GetRelativePath(currentFolder, configuration.File);
        var name = relative.StartsWith("..", StringComparison.Ordinal) ? configuration.File : relative;
        List<string> parts = [Count(configuration.Services.Count, "service"), Count(configuration.Alerts.Count, "alert")];
        if (configuration.Files.Count > 1) parts.Add(Count(configuration.Files.Count, "file"));
        return $"{name}: {string.Join(", ", parts)}";
    }

    private static string Count(int number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";
}
