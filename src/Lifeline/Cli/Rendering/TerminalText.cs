using System.Buffers;
using System.Globalization;
using System.Text;

namespace Lifeline.Cli.Rendering;

/// <summary>What a service wrote, made harmless for a terminal: nothing in it moves the cursor, sets a title, rings, or turns the direction of text.</summary>
internal static class TerminalText
{
    private const string Reset = "\e[0m";

    // C0 without the tab, DEL, C1, and the marks that turn the direction of text.
    private static readonly SearchValues<char> Harmful = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Where(c => c != '\t').Select(c => (char)c), '\x7f', .. Enumerable.Range(0x80, 0x20).Select(c => (char)c),
            .. Enumerable.Range(0x202A, 5).Select(c => (char)c), .. Enumerable.Range(0x2066, 4).Select(c => (char)c)]);

    /// <remarks><paramref name="color"/>: colours that the service chose may stay; they end with the line.</remarks>
    public static string Harmless(string text, bool color)
    {
        if (!text.AsSpan().ContainsAny(Harmful)) return text;
        var safe = new StringBuilder(text.Length + 16);
        var colored = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\e' && ColorLength(text.AsSpan(i)) is var length and > 0)
            {
                if (color) safe.Append(text, i, length);
                colored |= color;
                i += length - 1;
            }
            else if (Harmful.Contains(text[i]))
            {
                Show(safe, text[i]);
            }
            else
            {
                safe.Append(text[i]);
            }
        }
        return colored ? safe.Append(Reset).ToString() : safe.ToString();
    }

    // ESC [ numbers m
    private static int ColorLength(ReadOnlySpan<char> text)
    {
        if (text.Length < 3 || text[1] != '[') return 0;
        var end = text[2..].IndexOfAnyExcept(SearchValues.Create("0123456789;:"));
        return end >= 0 && text[2 + end] == 'm' ? end + 3 : 0;
    }

    private static void Show(StringBuilder safe, char c)
    {
        if (c < 0x20) safe.Append('^').Append((char)(c + '@'));
        else if (c == '\x7f') safe.Append("^?");
        else safe.Append(CultureInfo.InvariantCulture, $"<U+{(int)c:X4}>");
    }
}
