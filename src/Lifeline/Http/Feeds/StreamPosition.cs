using System.Globalization;

namespace Lifeline.Http;

/// <summary>Where a reader of the event stream is: the journal's epoch and the last event it has. Spelled <c>EPOCH-ID</c>.</summary>
internal readonly record struct StreamPosition(string Epoch, long Id)
{
    private const int MaxLength = 128;

    public static StreamPosition? TryParse(string? text)
    {
        if (text is null || text.Length > MaxLength)
            return null;
        var dash = text.LastIndexOf('-');
        return dash > 0 && long.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? new StreamPosition(text[..dash], id)
            : null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Epoch}-{Id}");
}
