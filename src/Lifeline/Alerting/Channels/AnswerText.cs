using System.Globalization;
using System.Text;

namespace Lifeline.Alerting;

/// <summary>What a receiver answered, fit to be shown: its beginning, on one line, without what the address keeps secret.</summary>
internal sealed class AnswerText
{
    /// <summary>Bytes of an answer that are read.</summary>
    private const int MaxAnswer = 512;

    /// <summary>Shorter parts of an address are words, and no secrets: "hook", "v2".</summary>
    private const int ShortestSecret = 6;

    private const string Mask = "••••••";

    private static readonly char[] Separators = ['/', '?', '&', '=', ':', '#'];

    private readonly string[] _secrets;

    /// <param name="target">The address that was called: what comes after its host may be a secret, and some servers repeat it.</param>
    public AnswerText(Uri target)
    {
        string[] parts = [.. target.UserInfo.Split(Separators), .. target.PathAndQuery.Split(Separators)];
        _secrets = [.. parts.Concat(parts.Select(Uri.UnescapeDataString)).Where(part => part.Length >= ShortestSecret).Distinct().OrderByDescending(part => part.Length)];
    }

    /// <summary>The beginning of the answer; empty if there is none, or none in time.</summary>
    public async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var buffer = new byte[MaxAnswer];
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            var length = await stream.ReadAtLeastAsync(buffer, MaxAnswer, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
            return Show(Encoding.UTF8.GetString(buffer, 0, length), isCut: length == MaxAnswer);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or HttpRequestException)
        {
            // Its status says whether it took the alert; what it says beyond that is of no importance.
            return "";
        }
    }

    internal string Show(string text, bool isCut)
    {
        // A secret that is cut at the end would not be found.
        var last = isCut ? text.LastIndexOfAny([' ', '\n', ',', '"', '<']) : -1;
        if (isCut) text = last < 0 ? "" : text[..last] + " …";
        foreach (var secret in _secrets) text = text.Replace(secret, Mask, StringComparison.OrdinalIgnoreCase);
        var line = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            var printable = Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
            if (printable && rune.Value != ' ') line.Append(rune);
            else if (line.Length > 0 && line[^1] != ' ') line.Append(' ');
        }

        return line.ToString().Trim();
    }
}
