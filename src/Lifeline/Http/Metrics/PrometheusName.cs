using System.Text;

namespace Lifeline.Http;

/// <summary>How an instrument is called in Prometheus, by the rules of OpenTelemetry and of Prometheus' own naming guide.</summary>
internal static class PrometheusName
{
    public static string Of(string instrument, string? unit, bool isCounter)
    {
        var name = new StringBuilder(instrument.Length + 16);
        foreach (var c in instrument)
            name.Append(char.IsAsciiLetterOrDigit(c) || c is ':' ? c : '_');
        if (UnitOf(unit) is { } suffix && !HasPart(name.ToString(), suffix))
            name.Append('_').Append(suffix);
        if (isCounter && !HasPart(name.ToString(), "total"))
            name.Append("_total");
        return name.ToString();
    }

    private static string? UnitOf(string? unit) => unit switch
    {
        null or "" or "1" => null,
        "s" => "seconds",
        "By" => "bytes",
        // {call}, {session}: what is counted is in the name.
        _ when unit.StartsWith('{') => null,
        _ => unit,
    };

    private static bool HasPart(string name, string part) => name.Split('_').Contains(part);
}
