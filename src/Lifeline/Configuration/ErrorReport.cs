using System.Globalization;
using System.Text;

namespace Lifeline.Configuration;

/// <summary>Errors as a person reads them: the message, the place, the line itself with the wrong part marked, and what would help.</summary>
internal static class ErrorReport
{
    private const string Red = "\e[1;31m";
    private const string Blue = "\e[1;34m";
    private const string Bold = "\e[1m";
    private const string Plain = "\e[0m";

    // A line that is longer (a pasted key, say) is left out; the position says where it is.
    private const int MaximumLine = 200;

    /// <remarks><paramref name="currentFolder"/>: files beneath it are named relative to it.</remarks>
    public static string Render(LoadResult result, string currentFolder, bool color)
    {
        var output = new StringBuilder();
        foreach (var error in result.Errors) Append(output, error, currentFolder, color);
        var total = result.Errors.Count + result.ErrorsOmitted;
        output.Append(CultureInfo.InvariantCulture, $"{total} {(total == 1 ? "error" : "errors")}");
        if (result.ErrorsOmitted > 0) output.Append(CultureInfo.InvariantCulture, $", the first {result.Errors.Count} are shown");
        return output.Append('\n').ToString();
    }

    private static void Append(StringBuilder output, ConfigurationError error, string currentFolder, bool color)
    {
        string Paint(string code, string text) => color ? code + text + Plain : text;
        output.Append(Paint(Red, "error")).Append(Paint(Bold, ": " + error.Message)).Append('\n');
        var number = error.Line.ToString(CultureInfo.InvariantCulture);
        var margin = new string(' ', error.Line == 0 ? 1 : number.Length);
        var file = Shorten(error.File, currentFolder);
        var place = error.Line == 0 ? file : string.Create(CultureInfo.InvariantCulture, $"{file}:{error.Line}:{error.Column}");
        output.Append(margin).Append(Paint(Blue, "--> ")).Append(place).Append('\n');
        if (error.SourceLine is { Length: <= MaximumLine } line)
        {
            output.Append(Paint(Blue, $"{margin} |")).Append('\n');
            output.Append(Paint(Blue, $"{number} |")).Append(' ').Append(Visible(line)).Append('\n');
            output.Append(Paint(Blue, $"{margin} |")).Append(' ').Append(Indent(line, error.Column - 1)).Append(Paint(Red, Carets(line, error.Location))).Append('\n');
        }
        if (error.Hint is not null) output.Append(margin).Append(Paint(Blue, " = ")).Append("help: ").Append(error.Hint).Append('\n');
        output.Append('\n');
    }

    private static string Shorten(string file, string currentFolder)
    {
        var relative = Path.GetRelativePath(currentFolder, file);
        return relative.StartsWith("..", StringComparison.Ordinal) ? file : relative;
    }

    // Tabs stay, so that the mark stands under its text whatever their width is; other control characters must not reach the terminal.
    private static string Visible(string line) => string.Concat(line.Select(c => c != '\t' && char.IsControl(c) ? '·' : c));

    private static string Indent(string line, int columns) =>
        string.Concat(line.EnumerateRunes().Take(columns).Select(rune => rune.Value == '\t' ? '\t' : ' '));

    private static string Carets(string line, SourceLocation location)
    {
        var rest = Math.Max(1, line.EnumerateRunes().Count() - location.Column + 1);
        return new string('^', Math.Clamp(location.Length, 1, rest));
    }
}
