using System.Globalization;
using System.Net;

namespace Lifeline.Configuration;

/// <summary>Reads "HOST:PORT", with an IPv6 address in brackets.</summary>
internal static class AddressReader
{
    public static object? Read(KeyDefinition key, ConfigValue value, ReadContext context)
    {
        var isHttp = key.Type == KeyType.HttpAddress;
        var expected = isHttp ? "\"off\" or an address and port such as \"127.0.0.1:7070\"" : "a host and port such as \"127.0.0.1:8080\"";
        if (ValueReader.ReadText(key, value, expected, context) is not { } text) return null;
        if (isHttp && text == "off") return Never.Instance;
        if (Parse(text) is not { } address)
            return ValueReader.Wrong(key, value, expected, context);
        if (!isHttp && address.Port == 0)
            return Refuse(value, context, $"{Quoted.Of(text)} has port 0", "write the port");
        if (isHttp && !IPAddress.TryParse(address.Host, out _))
            return Refuse(value, context, $"{Quoted.Of(address.Host)} is not an IP address", "write 127.0.0.1, [::1], 0.0.0.0 or an address of this machine");
        return address;
    }

    /// <summary>What <c>--http</c> says; null: it is not understood.</summary>
    public static ProbeAddress? ParseHttp(string text) => Parse(text) is { } address && IPAddress.TryParse(address.Host, out _) ? address : null;

    private static ProbeAddress? Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= 0) return null;
        var host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']')) host = host[1..^1];
        else if (host.Contains(':', StringComparison.Ordinal)) return null;
        if (host.Length == 0 || host.Any(char.IsWhiteSpace)) return null;
        if (host == "localhost") host = "127.0.0.1";
        return ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? new ProbeAddress(host, port) : null;
    }

    private static object? Refuse(ConfigValue value, ReadContext context, string problem, string hint)
    {
        context.Errors.Add(value.Location, problem, hint);
        return null;
    }
}
