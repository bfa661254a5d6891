using System.Text;

namespace Lifeline.Cli.Rendering;

/// <summary>Long texts on a terminal: broken between words, and indented below where they began. Elsewhere nothing is broken or cut.</summary>
internal static class Wrapping
{
    // With less room than this beside its head, a text goes on below the head instead.
    private const int LeastRoom = 24;
    private const int ShallowIndent = 4;

    /// <summary>A head, as it is, and behind it a text whose further lines begin below its first word.</summary>
    /// <remarks><paramref name="width"/>: of the terminal; null elsewhere. Colours take no room.</remarks>
    public static string Below(string head, string text, int? width)
    {
        if (width is not { } limit || VisibleLength(head) + VisibleLength(text) <= limit) return head + text;
        var column = VisibleLength(head);
        // A head that is too wide itself has columns no more.
        if (column > limit) return Below("", string.Join(' ', $"{head} {text}".Split(' ', StringSplitOptions.RemoveEmptyEntries)), limit);
        var indent = limit - column >= LeastRoom ? column : Math.Min(ShallowIndent, limit / 2);
        var lines = new StringBuilder(head);
        var begins = true;
        foreach (var word in text.Split(' '))
        {
            var between = begins ? 0 : 1;
            foreach (var piece in Pieces(word, limit - indent))
            {
                if (column + between + VisibleLength(piece) > limit && !(begins && column == indent))
                {
                    while (lines.Length > 0 && lines[^1] == ' ') lines.Length--;
                    lines.Append('\n').Append(' ', indent);
                    (column, between) = (indent, 0);
                }
                lines.Append(' ', between).Append(piece);
                column += between + VisibleLength(piece);
                (begins, between) = (false, 0);
            }
        }
        return lines.ToString();
    }

    // A path that is longer than a line may be broken after a slash; what is longer even so is cropped.
    private static IEnumerable<string> Pieces(string word, int room)
    {
        if (VisibleLength(word) <= room)
        {
            yield return word;
            yield break;
        }
        for (var from = 0; from < word.Length;)
        {
            var slash = word.IndexOf('/', Math.Min(from + 1, word.Length - 1));
            var to = slash < 0 ? word.Length : slash + 1;
            yield return FittedTable.Crop(word[from..to], room);
            from = to;
        }
    }

    private static int VisibleLength(string text)
    {
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\e' && text.IndexOf('m', i) is var end and > 0) i = end;
            else length++;
        }
        return length;
    }
}
