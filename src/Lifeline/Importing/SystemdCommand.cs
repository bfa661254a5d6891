using System.Text;

namespace Lifeline.Importing;

/// <summary>Command lines of systemd, which has prefixes and variables but no shell.</summary>
internal static class SystemdCommand
{
    /// <summary>One command as words; several, or one with variables, as a line for the shell.</summary>
    public static string Value(IReadOnlyList<string> lines, ImportedService service)
    {
        var commands = lines.SelectMany(SplitAtSemicolons).Select(line => Read(line, service)).ToList();
        if (commands.Count == 1 && !commands[0].Words.Exists(word => word.Contains('$', StringComparison.Ordinal)) && !commands[0].MayFail)
            return TomlText.Of(commands[0].Words);
        var shell = commands.Select((command, i) => (i == commands.Count - 1 && !command.MayFail ? "exec " : "") + Line(command) + (command.MayFail ? " || true" : ""));
        return TomlText.Of(string.Join(" && ", commands.Count == 1 ? shell : shell.Select(line => line.Contains("||", StringComparison.Ordinal) ? $"{{ {line}; }}" : line)));
    }

    private static (List<string> Words, bool MayFail) Read(string line, ImportedService service)
    {
        var (mayFail, renamed) = (false, false);
        var start = 0;
        for (; start < line.Length && "-@:+!".Contains(line[start], StringComparison.Ordinal); start++)
        {
            if (line[start] == '-') mayFail = true;
            else service.Note($"the prefix \"{line[start]}\" of {line}", "no equal");
            renamed |= line[start] == '@';
        }
        var words = SystemdWords.Split(line[start..]).ConvertAll(word => word == @"\;" ? ";" : word.Replace("$$", "\u0003", StringComparison.Ordinal));
        // The word after the program is what it sees as its own name.
        if (renamed && words.Count > 1) words.RemoveAt(1);
        return (words, mayFail);
    }

    private static IEnumerable<string> SplitAtSemicolons(string line) => line.Split(" ; ", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string Line((List<string> Words, bool MayFail) command) => string.Join(' ', command.Words.Select(Word));

    // A word that is only $NAME is split at its blanks, as by a shell; ${NAME} is replaced anywhere, $NAME within a word is not.
    private static string Word(string word)
    {
        if (!word.Contains('$', StringComparison.Ordinal)) return ShellWords.Quote(word.Replace('\u0003', '$'));
        if (word[0] == '$' && word.Skip(1).All(c => char.IsAsciiLetterOrDigit(c) || c == '_')) return word;
        var quoted = new StringBuilder("\"");
        for (var i = 0; i < word.Length; i++)
        {
            var isLiteral = word[i] is '\\' or '"' or '`' or '\u0003' || word[i] == '$' && (i + 1 == word.Length || word[i + 1] != '{');
            if (isLiteral) quoted.Append('\\');
            quoted.Append(word[i] == '\u0003' ? '$' : word[i]);
        }
        return quoted.Append('"').ToString();
    }
}
