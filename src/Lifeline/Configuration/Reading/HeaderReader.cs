using System.Buffers;
using System.Text;

namespace Lifeline.Configuration;

/// <summary>Reads a table of HTTP headers. Their values are secrets and stand in no error.</summary>
internal static class HeaderReader
{
    private const int MaximumHeaders = 64;

    // What a name may consist of (RFC 9110, token).
    private static readonly SearchValues<char> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // They say how the request itself is made.
    private static readonly string[] Own = ["Host", "Connection", "Transfer-Encoding", "Expect", "Upgrade", "TE", "Trailer"];

    // They tell of a document or of an answer, and the client sends none of them with a request.
    private static readonly string[] NotOfRequests = ["Allow", "Expires", "Last-Modified"];

    public static object? Read(KeyDefinition key, ConfigValue value, ReadContext context)
    {
        if (value is not ConfigTable table) return ValueReader.Wrong(key, value, "a table of HTTP headers", context);
        if (table.Entries.Count > MaximumHeaders)
        {
            context.Errors.Add(value.Location, $"\"{key.Name}\" has {table.Entries.Count} headers, at most {MaximumHeaders} are allowed");
            return null;
        }
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in table.Entries)
        {
            if (!Check(key, entry, context)) continue;
            if (ReadHeader(key, entry, context) is { } text && !headers.TryAdd(entry.Name, text))
                context.Errors.Add(entry.KeyLocation, $"the header {entry.Name} is given twice");
        }
        return new VariableMap(headers);
    }

    private static bool Check(KeyDefinition key, ConfigEntry entry, ReadContext context)
    {
        if (entry.Name.Length == 0 || entry.Name.AsSpan().ContainsAnyExcept(Token))
            context.Errors.Add(entry.KeyLocation, $"{Quoted.Of(entry.Name)} cannot be the name of an HTTP header");
        else if (entry.Name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) || Own.Contains(entry.Name, StringComparer.OrdinalIgnoreCase))
            context.Errors.Add(entry.KeyLocation, $"the header {entry.Name} is set by Lifeline itself", "remove it");
        else if (NotOfRequests.Contains(entry.Name, StringComparer.OrdinalIgnoreCase))
            context.Errors.Add(entry.KeyLocation, $"the header {entry.Name} in \"{key.Name}\" tells of a document and cannot be sent with a request; allowed are headers of requests, such as Authorization, and names of your own", "remove it");
        else
            return true;
        return false;
    }

    private static string? ReadHeader(KeyDefinition key, ConfigEntry entry, ReadContext context)
    {
        var header = new KeyDefinition(entry.Name, KeyType.Text, null, "", "");
        if (ValueReader.ReadText(header, entry.Value, "a string", context) is not { } text) return null;
        if (text.Any(char.IsControl))
            context.Errors.Add(entry.Value.Location, $"the value of the header {entry.Name} holds a line break or another control character");
        else if (!Ascii.IsValid(text))
            context.Errors.Add(entry.Value.Location, $"the value of the header {entry.Name} in \"{key.Name}\" holds a character that is not ASCII; headers of HTTP hold ASCII only");
        else
            return text;
        return null;
    }
}
