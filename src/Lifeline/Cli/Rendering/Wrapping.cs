using System.Text;

namespace Lifeline.Cli.Rendering;

/// <summary>Long texts on a terminal: broken between words, and indented below where they began.</summary>
internal static class Wrapping
{
    // Narrower than this, the terminal may break the lines itself.
    private const int LeastWidth = 24;

    /// <remarks><paramref name="indent"/>: the column at which the text begins. Elsewhere than on a terminal nothing is broken.</remarks>
    public static string Indented(string text, int indent, CliContext context)
    {
        var width = context.Width - indent;
        if (!context.IsTerminal || width < LeastWidth || text.Length <= width) return text;
        var wrapped = new StringBuilder();
        var column = 0;
        foreach (var word in text.Split(' '))
        {
            if (column > 0 && column + 1 + word.Length > width)
            {
                wrapped.Append('\n').Append(' ', indent);
                column = 0;
            }
            if (column > 0) wrapped.Append(' ');
            wrapped.Append(word);
            column += word.Length + (column > 0 ? 1 : 0);
        }
        return wrapped.ToString();
    }
}
