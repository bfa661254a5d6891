using Lifeline.Configuration;

namespace Lifeline.Tests.Configuration;

public sealed class Small_parts
{
    [Theory]
    [InlineData("250ms", 250)]
    [InlineData("10s", 10_000)]
    [InlineData("5m", 300_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1m5s250ms", 65_250)]
    [InlineData("0.5s", 500)]
    [InlineData("0s", 0)]
    public void Durations_are_read(string text, double milliseconds) => Assert.Equal(milliseconds, Durations.TryParse(text));

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("s")]
    [InlineData("10 s")]
    [InlineData("-1s")]
    [InlineData(".5s")]
    [InlineData("5.s")]
    [InlineData("1.2.3s")]
    [InlineData("5s1m")]
    [InlineData("5s5s")]
    [InlineData("1d")]
    [InlineData("10S")]
    [InlineData("1sec")]
    [InlineData("١s")]
    public void What_is_no_duration_is_refused(string text) => Assert.Null(Durations.TryParse(text));

    [Theory]
    [InlineData("0B", 0)]
    [InlineData("64KiB", 65536)]
    [InlineData("1.5MiB", 1572864)]
    [InlineData("2GiB", 2147483648)]
    public void Sizes_are_read(string text, double bytes) => Assert.Equal(bytes, Durations.TryParseSize(text));

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("10MB")]
    [InlineData("10 MiB")]
    [InlineData("10mib")]
    [InlineData("-1B")]
    public void What_is_no_size_is_refused(string text) => Assert.Null(Durations.TryParseSize(text));

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(10, "10ms")]
    [InlineData(1500, "1500ms")]
    [InlineData(60_000, "1m")]
    [InlineData(90_000, "90s")]
    [InlineData(86_400_000, "24h")]
    public void Durations_are_written_in_their_largest_whole_unit(double milliseconds, string text) => Assert.Equal(text, Durations.Format(milliseconds));

    [Theory]
    [InlineData("*", "", true)]
    [InlineData("*", "orders", true)]
    [InlineData("a*b*c", "a1b2b3c", true)]
    [InlineData("a*b*c", "a1b2b3", false)]
    [InlineData("?", "x", true)]
    [InlineData("?", "", false)]
    [InlineData("[a-c]x", "bx", true)]
    [InlineData("[!a-c]x", "bx", false)]
    [InlineData("[!a-c]x", "dx", true)]
    [InlineData("[]]", "]", true)]
    [InlineData("[a", "[a", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("*.toml", ".toml", true)]
    public void Patterns_match_as_in_a_shell(string pattern, string name, bool matches) => Assert.Equal(matches, Glob.IsMatch(pattern, name));

    [Fact]
    public void A_pattern_of_many_stars_takes_no_longer_than_its_length_times_the_name()
    {
        Assert.False(Glob.IsMatch(string.Concat(Enumerable.Repeat("a*", 500)) + "b", new string('a', 10_000)));
    }

    [Theory]
    [InlineData("comand", "command")]
    [InlineData("COMMAND", "command")]
    [InlineData("on_failure", "on-failure")]
    [InlineData("cmomand", "command")]
    [InlineData("zzz", null)]
    [InlineData("", null)]
    public void The_nearest_name_is_found(string name, string? expected) => Assert.Equal(expected, NearestName.Find(name, ["cwd", "command", "on-failure"]));

    [Theory]
    [InlineData(0, null, null, "/run/lifeline", "/var/lib/lifeline")]
    [InlineData(7, null, null, "/xdg/lifeline", "/home/x/.local/state/lifeline")]
    [InlineData(7, "/r", "/s", "/r", "/s")]
    public void Places_follow_option_variable_and_default(int user, string? run, string? state, string runFolder, string stateFolder)
    {
        var places = Places.Resolve(run, state, name => name switch { "XDG_RUNTIME_DIR" => "/xdg", "HOME" => "/home/x", _ => null }, (uint)user);
        Assert.Equal((runFolder, stateFolder), (places.RunFolder, places.StateFolder));
        var fromVariables = Places.Resolve(run, state, name => name switch { "LIFELINE_RUN_DIR" => "/lr", "LIFELINE_STATE_DIR" => "/ls", _ => null }, (uint)user);
        Assert.Equal((run ?? "/lr", state ?? "/ls"), (fromVariables.RunFolder, fromVariables.StateFolder));
    }

    [Fact]
    public void Without_runtime_folder_or_state_home_the_defaults_of_the_contract_hold()
    {
        var places = Places.Resolve(null, null, name => name switch { "XDG_STATE_HOME" => "/st", "XDG_RUNTIME_DIR" => "", _ => null }, 1000);
        Assert.Equal(("/tmp/lifeline-1000", "/st/lifeline"), (places.RunFolder, places.StateFolder));
        Assert.Equal("/tmp/lifeline-1000/ipc.sock", places.Socket);
        Assert.Throws<PlaceException>(() => Places.Resolve(null, null, _ => null, 1000));
    }
}
