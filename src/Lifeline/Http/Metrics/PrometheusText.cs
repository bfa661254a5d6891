using System.Buffers;
using System.Globalization;
using System.Text;

namespace Lifeline.Http;

/// <summary>Writes families in Prometheus' text format.</summary>
internal static class PrometheusText
{
    public static void Write(MetricFamily family, IBufferWriter<byte> target)
    {
        var text = new StringBuilder();
        var isFirst = true;
        family.ForEach(series =>
        {
            if (isFirst)
                WriteHead(text, family);
            isFirst = false;
            if (family.Kind == MetricKind.Histogram)
                WriteHistogram(text, family, series);
            else
                WriteLine(text, family.Name, "", series.Labels, Spell(series.Value));
            if (text.Length > 16 * 1024)
                Flush(text, target);
        });
        Flush(text, target);
    }

    public static string Escape(string text, bool isLabel)
    {
        var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return isLabel ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }

    private static void WriteHead(StringBuilder text, MetricFamily family)
    {
        var type = family.Kind switch { MetricKind.Counter => "counter", MetricKind.Histogram => "histogram", _ => "gauge" };
        text.Append("# HELP ").Append(family.Name).Append(' ').Append(Escape(family.Instrument.Description ?? family.Instrument.Name, isLabel: false)).Append('\n');
        text.Append("# TYPE ").Append(family.Name).Append(' ').Append(type).Append('\n');
    }

    private static void WriteHistogram(StringBuilder text, MetricFamily family, MetricSeries series)
    {
        var labels = series.Labels;
        var below = 0L;
        for (var i = 0; i <= family.Bounds.Length; i++)
        {
            below += series.Buckets[i];
            var bound = i == family.Bounds.Length ? "+Inf" : Spell(family.Bounds[i]);
            WriteLine(text, family.Name, "_bucket", labels.Length == 0 ? $"le=\"{bound}\"" : $"{labels},le=\"{bound}\"", below.ToString(CultureInfo.InvariantCulture));
        }

        WriteLine(text, family.Name, "_sum", labels, Spell(series.Value));
        WriteLine(text, family.Name, "_count", labels, below.ToString(CultureInfo.InvariantCulture));
    }

    private static void WriteLine(StringBuilder text, string name, string suffix, string labels, string value)
    {
        text.Append(name).Append(suffix);
        if (labels.Length > 0)
            text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(value).Append('\n');
    }

    private static void Flush(StringBuilder text, IBufferWriter<byte> target)
    {
        foreach (var part in text.GetChunks())
            Encoding.UTF8.GetBytes(part.Span, target);
        text.Clear();
    }

    private static string Spell(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
