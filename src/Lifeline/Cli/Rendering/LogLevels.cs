namespace Lifeline.Cli.Rendering;

/// <summary>
/// The levels that programs made for systemd write before a line: <c>&lt;3&gt;</c> is an error. Where colours may be shown the prefix becomes
/// one; elsewhere the line stays as it was written, so that nothing is lost.
/// </summary>
internal static class LogLevels
{
    private const int PrefixLength = 3;
    private const string Reset = "\e[0m";

    // 0 emergency, 1 alert, 2 critical, 3 error, 4 warning, 5 notice, 6 information, 7 debug.
    private static readonly string[] Colors = ["\e[31;1m", "\e[31;1m", "\e[31;1m", "\e[31m", "\e[33m", "\e[1m", "", "\e[2m"];

    public static string Shown(string text, bool color)
    {
        if (!color || text.Length < PrefixLength || text[0] != '<' || text[1] is < '0' or > '7' || text[2] != '>')
            return text;
        var shade = Colors[text[1] - '0'];
        var line = text[PrefixLength..];
        return shade.Length == 0 || line.Length == 0 ? line : shade + line + Reset;
    }
}
