using System.Globalization;

namespace Lifeline.Bench.Results;

/// <summary>Named numbers of one measurement.</summary>
internal sealed class Figures
{
    private readonly SortedDictionary<string, double> _values = new(StringComparer.Ordinal);

    internal IEnumerable<KeyValuePair<string, double>> Values => _values;

    /// <summary>A figure; not a number if it was not measured.</summary>
    internal double this[string name]
    {
        get => _values.GetValueOrDefault(name, double.NaN);
        set
        {
            if (!double.IsNaN(value))
                _values[name] = value;
        }
    }

    /// <summary>Reads "name=number name=number"; other words are passed over.</summary>
    internal static Figures Parse(string text)
    {
        var figures = new Figures();
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            int at = word.IndexOf('=', StringComparison.Ordinal);
            if (at > 0 && double.TryParse(word.AsSpan(at + 1), CultureInfo.InvariantCulture, out double value))
                figures[word[..at]] = value;
        }

        return figures;
    }

    /// <summary>The median of each figure over some runs.</summary>
    internal static Figures Median(IReadOnlyList<Figures> runs)
    {
        var median = new Figures();
        foreach (string name in runs.SelectMany(r => r._values.Keys).Distinct())
        {
            double[] values = [.. runs.Select(r => r[name]).Where(v => !double.IsNaN(v)).Order()];
            if (values.Length == 0)
                continue;
            int half = values.Length / 2;
            median[name] = values.Length % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
        }

        return median;
    }
}
