using System.Globalization;
using System.Text;

namespace Lifeline.Importing;

/// <summary>Splits a line into words as systemd does: quotes of both kinds, in both of which C's escapes count. systemd.syntax(7), "Quoting".</summary>
internal static class SystemdWords
{
    private const string Letters = "abfnrtv\\\"'s";
    private const string Meanings = "\a\b\f\n\r\t\v\\\"' ";

    /// <exception cref="ImportException">A quote is not closed.</exception>
    public static List<string> Split(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var quote = '\0';
        var inWord = false;
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (inWord) words.Add(word.ToString());
                word.Clear();
                inWord = false;
                continue;
            }
            inWord = true;
            if (c == '\\' && i + 1 < line.Length) i = ReadEscape(line, i + 1, word);
            else if (c == quote) quote = '\0';
            else if (quote == '\0' && c is '"' or '\'') quote = c;
            else word.Append(c);
        }
        if (quote != '\0') throw new ImportException($"a quote is not closed in: {line}");
        if (inWord) words.Add(word.ToString());
        return words;
    }

    // What is no escape keeps its backslash.
    private static int ReadEscape(string line, int at, StringBuilder word)
    {
        var letter = line[at];
        if (Letters.IndexOf(letter, StringComparison.Ordinal) is var known and >= 0)
        {
            word.Append(Meanings[known]);
            return at;
        }
        var (digits, radix, start) = letter switch { 'x' => (2, 16, at + 1), 'u' => (4, 16, at + 1), 'U' => (8, 16, at + 1), >= '0' and <= '7' => (3, 8, at), _ => (0, 0, at) };
        if (digits == 0 || start + digits > line.Length || !TryRead(line.AsSpan(start, digits), radix, out var rune))
        {
            word.Append('\\').Append(letter);
            return at;
        }
        word.Append(rune.ToString());
        return start + digits - 1;
    }

    private static bool TryRead(ReadOnlySpan<char> digits, int radix, out Rune rune)
    {
        rune = default;
        var value = 0L;
        foreach (var digit in digits)
        {
            if (!int.TryParse([digit], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) || number >= radix) return false;
            value = value * radix + number;
        }
        return value is > 0 and <= int.MaxValue && Rune.TryCreate((int)value, out rune);
    }
}
