using System.Text;

namespace Lifeline.Configuration;

/// <summary>Text of a file inside a message: quoted, short, and unable to move the terminal's cursor.</summary>
internal static class Quoted
{
    private const int MaximumLength = 60;

    public static string Of(string text)
    {
        var result = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            if (result.Length > MaximumLength)
            {
                result.Append('…');
                break;
            }
            if (Rune.IsControl(rune)) result.Append('\\').Append(rune.Value == '\n' ? "n" : rune.Value == '\t' ? "t" : $"x{rune.Value:x2}");
            else result.Append(rune);
        }
        return result.Append('"').ToString();
    }

    public static string List(IEnumerable<string> names) => string.Join(", ", names.Select(Of));
}
