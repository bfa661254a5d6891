using System.Globalization;
using System.Text.RegularExpressions;
using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Limits;

/// <summary>docs/guide/ipc-limits.md says what the options are.</summary>
public sealed partial class LimitTableTests
{
    // What is no limit.
    private static readonly string[] Others =
        [nameof(IpcEndpointOptions.Accept), nameof(IpcEndpointOptions.Logger), nameof(IpcEndpointOptions.TimeProvider), nameof(IpcEndpointOptions.Name), nameof(IpcEndpointOptions.Tracer),
         nameof(IpcEndpointOptions.TimeHandlers), nameof(IpcEndpointOptions.OnProxyCountAlarm), nameof(IpcEndpointOptions.RingBytes), nameof(IpcEndpointOptions.EarlyDeathNotice)];

    [Fact]
    public void Each_default_and_range_is_the_options()
    {
        var defaults = new IpcEndpointOptions();
        MatchCollection rows = NumberRow().Matches(ReadPage());
        Assert.InRange(rows.Count, 10, 50);
        foreach (Match row in rows)
        {
            string name = row.Groups["name"].Value;
            var property = typeof(IpcEndpointOptions).GetProperty(name);
            Assert.True(property is not null, $"The page names {name}, which is no option.");
            Assert.Equal(Number(row, "default"), Convert.ToInt64(property.GetValue(defaults), CultureInfo.InvariantCulture));
            Assert.True(Accepts(property, Number(row, "min")), $"{name} refuses its smallest value");
            Assert.False(Accepts(property, Number(row, "min") - 1), $"{name} takes less than its smallest value");
            if (!row.Groups["max"].Success)
                continue;
            Assert.True(Accepts(property, Number(row, "max")), $"{name} refuses its largest value");
            if (Number(row, "max") != int.MaxValue)
                Assert.False(Accepts(property, Number(row, "max") + 1), $"{name} takes more than its largest value");
        }
    }

    [Fact]
    public void Each_time_is_the_options()
    {
        var defaults = new IpcEndpointOptions();
        foreach (Match row in TimeRow().Matches(ReadPage()))
        {
            TimeSpan time = TimeSpan.FromMilliseconds(Number(row, "value") * (row.Groups["unit"].Value == "s" ? 1000 : 1));
            Assert.Equal(time, typeof(IpcEndpointOptions).GetProperty(row.Groups["name"].Value)!.GetValue(defaults));
        }
    }

    [Fact]
    public void Each_option_that_is_a_limit_is_on_the_page()
    {
        string page = ReadPage();
        foreach (var property in typeof(IpcEndpointOptions).GetProperties().Where(p => !Others.Contains(p.Name)))
            Assert.Contains($"| `{property.Name}` | ", page, StringComparison.Ordinal);
    }

    private static bool Accepts(System.Reflection.PropertyInfo property, long value)
    {
        var options = new IpcEndpointOptions();
        property.SetValue(options, Convert.ChangeType(value, property.PropertyType, CultureInfo.InvariantCulture));
        try
        {
            options.Validated();
            return true;
        }
        catch (ArgumentOutOfRangeException)
        {
            return false;
        }
    }

    private static long Number(Match row, string group) => long.Parse(row.Groups[group].Value, CultureInfo.InvariantCulture);

    private static string ReadPage() => Pages.Read("docs/guide/ipc-limits.md");

    [GeneratedRegex(@"^\| `(?<name>\w+)` \| (?<default>\d+) \| (?<min>\d+)(?: to (?<max>\d+)| \(never\) and more) \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex NumberRow();

    [GeneratedRegex(@"^\| `(?<name>\w+)` \| (?<value>\d+) (?<unit>s|ms) \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex TimeRow();
}
