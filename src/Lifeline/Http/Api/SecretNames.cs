namespace Lifeline.Http;

/// <summary>Which variables look like secrets by their names or values, and are masked wherever an environment is shown.</summary>
internal static class SecretNames
{
    public const string Mask = "••••••";

    private static readonly string[] Telling = ["PASS", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "AUTH", "COOKIE", "PRIVATE", "CERT", "DSN", "CONNECTION_STRING", "SALT", "SIGNATURE"];

    public static string Show(string name, string value)
    {
        foreach (var word in Telling)
            if (name.Contains(word, StringComparison.OrdinalIgnoreCase))
                return Mask;
        return HidePassword(value);
    }

    // scheme://user:password@host
    private static string HidePassword(string value)
    {
        var scheme = value.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
            return value;
        var end = value.IndexOfAny(['/', '?', '#', ' '], scheme + 3);
        var at = value.LastIndexOf('@', (end < 0 ? value.Length : end) - 1);
        var colon = at < 0 ? -1 : value.IndexOf(':', scheme + 3);
        return colon < 0 || colon > at ? value : string.Concat(value.AsSpan(0, colon + 1), Mask, value.AsSpan(at));
    }
}
