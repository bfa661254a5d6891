using System.Text;
using Lifeline.Contracts;

namespace Lifeline.Supervision;

/// <summary>Texts of strangers, cut to what a status may hold.</summary>
internal static class StatusText
{
    public static string Fit(string text, int maxBytes = StatusLimits.MaxTextBytes)
    {
        while (Encoding.UTF8.GetByteCount(text) > maxBytes)
            text = text[..^Math.Max(1, (Encoding.UTF8.GetByteCount(text) - maxBytes) / 4)];
        return char.IsHighSurrogate(text.LastOrDefault()) ? text[..^1] : text;
    }
}
