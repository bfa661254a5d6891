using System.CommandLine;
using System.Text;

namespace Lifeline.Cli.Completion;

/// <summary>The manual page lifeline(1), made of the same descriptions as the help texts.</summary>
internal static class ManualPage
{
    public static string Write(RootCommand root)
    {
        var text = new StringBuilder();
        text.Append($".TH LIFELINE 1 \"\" \"lifeline {Escape(ProductVersion.Text)}\" \"User Commands\"\n");
        text.Append(".SH NAME\nlifeline \\- starts services and brings them back\n");
        text.Append(".SH SYNOPSIS\n.B lifeline\n.I COMMAND\n[\\fIOPTION\\fR]...\n");
        text.Append($".SH DESCRIPTION\n{Escape(root.Description!)}\n");
        text.Append(".SH COMMANDS\n");
        foreach (var command in root.Subcommands.Where(command => !command.Hidden)) AppendCommand(text, command, "lifeline");
        text.Append(".SH OPTIONS OF EVERY COMMAND\n");
        foreach (var option in root.Options.Where(option => option.Recursive && !option.Hidden)) AppendOption(text, option);
        text.Append("""
            .SH EXIT STATUS
            .TP
            .B 0
            done
            .TP
            .B 1
            it failed
            .TP
            .B 2
            wrong usage or wrong configuration
            .TP
            .B 3
            no monitor is running
            .TP
            .B 4
            there is no such service
            .SH FILES
            .TP
            .I lifeline.toml
            the configuration, in the current folder unless another is named
            .TP
            .I /run/lifeline
            run folder of root; others have $XDG_RUNTIME_DIR/lifeline or /tmp/lifeline-UID
            .TP
            .I /var/lib/lifeline
            state folder of root: journal and logs; others have ~/.local/state/lifeline
            .SH ENVIRONMENT
            .TP
            .BR LIFELINE_RUN_DIR ", " LIFELINE_STATE_DIR
            as \-\-run\-dir and \-\-state\-dir
            .TP
            .B NO_COLOR
            no colour and no redrawing

            """);
        return text.ToString();
    }

    private static void AppendCommand(StringBuilder text, Command command, string path)
    {
        var name = $"{path} {command.Name}";
        text.Append($".SS {Escape(name + ParserErrors.Arguments(command))}\n{Escape(command.Description ?? "")}\n");
        foreach (var argument in command.Arguments.Where(argument => argument.Description is not null))
            text.Append($".TP\n.I {Escape(argument.Name)}\n{Escape(argument.Description!)}\n");
        foreach (var option in command.Options.Where(option => !option.Hidden && option.Name != "--help")) AppendOption(text, option);
        foreach (var inner in command.Subcommands.Where(inner => !inner.Hidden)) AppendCommand(text, inner, name);
    }

    private static void AppendOption(StringBuilder text, Option option)
    {
        var names = string.Join(", ", option.Aliases.Order(StringComparer.Ordinal).Prepend(option.Name));
        var value = option.ValueType == typeof(bool) ? "" : $" {option.HelpName ?? "VALUE"}";
        text.Append($".TP\n.B {Escape(names + value)}\n{Escape(option.Description ?? "")}\n");
    }

    // A backslash and a dash mean something to roff, and so do a dot and a quote at the beginning of a line.
    private static string Escape(string text)
    {
        var escaped = text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal).Replace("…", "...", StringComparison.Ordinal);
        return escaped.StartsWith('.') || escaped.StartsWith('\'') ? "\\&" + escaped : escaped;
    }
}
