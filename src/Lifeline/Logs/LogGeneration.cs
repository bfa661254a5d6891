using System.Globalization;

namespace Lifeline.Logs;

/// <summary>How people name a generation whose lines they want: its number, or where it stands.</summary>
internal static class LogGeneration
{
    public const string Last = "last";
    public const string Previous = "previous";

    /// <summary>What is accepted, for messages.</summary>
    public const string Accepted = "a number from 1 on, last or previous";

    public static bool IsOne(string text) => text is Last or Previous || Number(text) is not null;

    /// <param name="text">What <see cref="IsOne"/> accepts.</param>
    /// <param name="newest">The newest generation of the service; 0: it was never started.</param>
    /// <returns>Null: there has been no such generation.</returns>
    public static int? Resolve(string text, int newest)
    {
        var wanted = text switch { Last => newest, Previous => newest - 1, _ => Number(text) ?? 0 };
        return wanted >= 1 && wanted <= newest ? wanted : null;
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 ? number : null;
}
