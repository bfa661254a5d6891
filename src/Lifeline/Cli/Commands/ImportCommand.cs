using System.CommandLine;
using Lifeline.Configuration;
using Lifeline.Importing;

namespace Lifeline.Cli.Commands;

/// <summary><c>lifeline import</c>: makes a lifeline.toml of another supervisor's file.</summary>
internal static class ImportCommand
{
    private const string Standard = "-";

    public static Command Create(CommandScope scope)
    {
        var files = new Argument<string[]>("FILE") { Description = "supervisord.conf, Procfile, *.service (and *.socket), ecosystem.config.json or process-compose.yaml", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--output", "-o") { Description = "Where to write; \"-\" is standard output", HelpName = "FILE", DefaultValueFactory = _ => CheckCommand.DefaultFile };
        var format = new Option<string?>("--format") { Description = "Whose file it is, where its name does not tell", HelpName = string.Join('|', ImportFormats.Names) };
        format.Only([.. ImportFormats.Names]);
        var force = new Option<bool>("--force") { Description = "Write over a file that is there" };
        var command = new Command("import", "Make a lifeline.toml of another supervisor's files, with a comment for whatever has no equal.") { files, output, format, force };
        command.SetAction(parsed => Run(scope.Context, parsed.GetValue(files)!, parsed.GetValue(output)!, parsed.GetValue(format), parsed.GetValue(force)));
        return command;
    }

    private static int Run(CliContext context, string[] files, string output, string? format, bool force)
    {
        var target = output == Standard ? null : Path.GetFullPath(output, context.CurrentFolder);
        if (target is not null && !force && File.Exists(target))
            throw new CliException(ExitCode.Failed, $"{target} is there already", "give --force to write over it, or -o for another file");
        var (text, result) = Translate(context, files, format);
        if (target is null) context.Output.Write(text);
        else Save(target, text);
        Tell(context, result, target);
        return ExitCode.Done;
    }

    private static (string Text, ImportResult Result) Translate(CliContext context, string[] files, string? format)
    {
        try
        {
            var result = ImportFormats.Read([.. files.Select(file => Path.GetFullPath(file, context.CurrentFolder))], format);
            return (ConfigurationText.Write(result, files), result);
        }
        catch (ImportException e)
        {
            throw new CliException(ExitCode.WrongUsage, e.Message, e.Hint, e);
        }
    }

    private static void Save(string path, string text)
    {
        try
        {
            File.WriteAllText(path, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Failed, $"{path} cannot be written: {e.Message}", null, e);
        }
    }

    private static void Tell(CliContext context, ImportResult result, string? target)
    {
        var notes = result.Notes.Count + result.Services.Sum(service => service.Notes.Count);
        context.Say($"{result.Services.Count} {(result.Services.Count == 1 ? "service" : "services")} of {result.Kind}, {notes} {(notes == 1 ? "comment" : "comments")} on what has no equal{(target is null ? "" : $"; written to {target}")}");
        if (target is null) return;
        var loaded = ConfigurationLoader.Load(target, context.Variables());
        if (loaded.Configuration is not null) return;
        context.Error.Write(ErrorReport.Render(loaded, context.CurrentFolder, context.ErrorColor));
        context.Say("what is above must be mended by hand before \"lifeline up\"");
    }
}
