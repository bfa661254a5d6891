using System.Globalization;
using System.Text;

namespace Lifeline.Importing;

/// <summary>Values as they are written in lifeline.toml.</summary>
internal static class TomlText
{
    // Marks a variable that shall be replaced when lifeline.toml is read; cannot stand in a file of text.
    private const char VariableBegin = '\u0001';
    private const char VariableEnd = '\u0002';

    /// <summary>Text that becomes <c>${NAME}</c> in a value.</summary>
    public static string Variable(string name) => $"{VariableBegin}{name}{VariableEnd}";

    public static string Of(string text)
    {
        var written = new StringBuilder("\"");
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            switch (c)
            {
                case '"': written.Append("\\\""); break;
                case '\\': written.Append("\\\\"); break;
                case '\n': written.Append("\\n"); break;
                case '\t': written.Append("\\t"); break;
                case '\r': written.Append("\\r"); break;
                // A dollar that would begin a variable, or swallow another one, is doubled.
                case '$' when i + 1 < text.Length && text[i + 1] is '{' or '$': written.Append("$$"); break;
                case '$': written.Append('$'); break;
                case VariableBegin: written.Append("${"); break;
                case VariableEnd: written.Append('}'); break;
                case < ' ' or '\u007f': written.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}"); break;
                default: written.Append(c); break;
            }
        }
        return written.Append('"').ToString();
    }

    public static string Of(IEnumerable<string> texts) => $"[{string.Join(", ", texts.Select(Of))}]";

    public static string Of(IEnumerable<int> numbers) => $"[{string.Join(", ", numbers)}]";

    public static string Of(bool value) => value ? "true" : "false";

    public static string Of(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A duration, in whole milliseconds at least.</summary>
    public static string Of(TimeSpan duration) => Of(Configuration.Durations.Format(Math.Round(duration.TotalMilliseconds)));

    /// <summary>A size in bytes.</summary>
    public static string OfSize(double bytes) => Of(Configuration.Durations.FormatSize(Math.Round(bytes)));

    public static string Of(IEnumerable<KeyValuePair<string, string>> variables) =>
        $"{{ {string.Join(", ", variables.Select(variable => $"{KeyOf(variable.Key)} = {Of(variable.Value)}"))} }}";

    private static string KeyOf(string name) =>
        name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? name : Of(name);
}
