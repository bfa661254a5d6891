using System.Text.Json;
using Lifeline.Contracts;

namespace Lifeline.Tests.Cli;

public sealed class Events_and_logs : IDisposable
{
    private readonly CommandRun command = new();

    public void Dispose() => command.Dispose();

    [Fact]
    public async Task Events_as_json_are_one_object_a_line()
    {
        await using var monitor = WithEvents(3);
        var (code, output, error) = command.Run("events", "--json");
        Assert.Equal((0, ""), (code, error));
        Assert.Equal([1L, 2, 3], Ids(output));
    }

    [Fact]
    public async Task Since_an_id_the_events_after_it_are_printed_however_many()
    {
        await using var monitor = WithEvents(2500);
        Assert.Equal(Enumerable.Range(1, 2500).Select(id => (long)id), Ids(command.Run("events", "--json", "--since", "0").Output));
        Assert.Equal([2499L, 2500], Ids(command.Run("events", "--json", "--since", "2498").Output));
        Assert.Empty(Ids(command.Run("events", "--json", "--since", "9999").Output));
    }

    [Fact]
    public async Task Without_since_the_last_hundred_are_printed_or_as_many_as_wanted()
    {
        await using var monitor = WithEvents(1200);
        Assert.Equal(100, Ids(command.Run("events", "--json").Output).Length);
        Assert.Equal([1199L, 1200], Ids(command.Run("events", "--json", "-n", "2").Output));
        Assert.Equal(1100, Ids(command.Run("events", "--json", "-n", "1100").Output).Length);
        Assert.Empty(command.Run("events", "-n", "0").Output);
    }

    [Fact]
    public async Task The_last_hundred_are_printed_also_where_they_take_several_answers()
    {
        await using var monitor = WithEvents(50);
        var much = $$"""{"text":"{{new string('x', 3000)}}"}""";
        for (var i = 0; i < 100; i++)
            monitor.Happen(EventKinds.ServiceStatus, "orders", much);
        Assert.Equal(Enumerable.Range(51, 100).Select(id => (long)id), Ids(command.Run("events", "--json").Output));
    }

    [Fact]
    public async Task Since_a_time_and_of_one_service()
    {
        await using var monitor = WithEvents(10);
        monitor.Services.Add(Samples.Service("a"));
        monitor.Happen(EventKinds.ServiceReady, "a");
        Assert.Equal([8L, 9, 10, 11], Ids(command.Run("events", "--json", "--since", "1970-01-01T00:00:07Z").Output));
        Assert.Equal([8L, 9, 10, 11], Ids(command.Run("events", "--json", "--since", "00:00:07").Output));
        Assert.Equal([8L, 9, 10, 11], Ids(command.Run("events", "--json", "--since", "59m53s").Output));
        Assert.Equal([11L], Ids(command.Run("events", "--json", "--service", "a").Output));
    }

    [Fact]
    public async Task Of_several_services_by_name_or_pattern()
    {
        await using var monitor = WithEvents(2);
        foreach (var name in (string[])["a", "b", "web.1"])
        {
            monitor.Services.Add(Samples.Service(name));
            monitor.Happen(EventKinds.ServiceReady, name);
        }
        Assert.Equal([3L, 4], Ids(command.Run("events", "--json", "--service", "a", "--service", "b").Output));
        Assert.Equal([3L, 4], Ids(command.Run("events", "--json", "--service", "a,b").Output));
        Assert.Equal((0, ""), command.Run("events", "--service", "a", "--service", "we*") is var (code, _, error) ? (code, error) : default);
        Assert.Equal((4, "lifeline: there is no service \"c*\", \"d\"\n  there are: a, b, web.1\n"), command.Run("events", "--service", "a", "--service", "c*", "--service", "d") is var (none, _, why) ? (none, why) : default);
        Assert.Equal(4, command.Run("events", "--service", new string('a', 5000) + "*").ExitCode);
    }

    [Fact]
    public void Every_kind_of_event_is_listed() =>
        Assert.Equal(typeof(EventKinds).GetFields().Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!), EventKinds.All);

    [Fact]
    public async Task Lines_tell_the_id_after_which_since_goes_on()
    {
        await using var monitor = WithEvents(3);
        Assert.StartsWith("    3  ", command.Run("events", "--since", "2").Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Followed_events_go_on_until_ctrl_c()
    {
        await using var monitor = WithEvents(2);
        var (code, output, error) = await command.RunUntilAsync(
            "\"id\":2",
            () =>
            {
                monitor.Happen(EventKinds.ServiceReady, "a");
                return Task.CompletedTask;
            },
            ["\"id\":3"], "events", "-f", "--json");
        Assert.Equal((0, ""), (code, error));
        Assert.Equal([1L, 2, 3], Ids(output));
    }

    [Fact]
    public async Task Followed_events_go_on_with_the_next_monitor()
    {
        var first = WithEvents(2);
        FakeMonitor? second = null;
        var (code, output, _) = await command.RunUntilAsync(
            "\"id\":2",
            async () =>
            {
                await first.DisposeAsync();
                second = WithEvents(3);
            },
            ["\"id\":3"], "events", "-f", "--json");
        await second!.DisposeAsync();
        Assert.Equal(0, code);
        Assert.Equal([1L, 2, 3], Ids(output));
    }

    [Fact]
    public async Task The_log_of_one_service_is_printed_as_it_is()
    {
        await using var monitor = WithLogs("a");
        for (var i = 0; i < 10; i++) monitor.Print("a", $"line {i}");
        Assert.Equal((0, string.Concat(Enumerable.Range(0, 10).Select(i => $"line {i}\n")), ""), command.Run("logs", "a"));
        Assert.Equal("line 8\nline 9\n", command.Run("logs", "a", "-n", "2").Output);
        Assert.Equal("line 3\nline 4\nline 5\nline 6\nline 7\nline 8\nline 9\n", command.Run("logs", "a", "-n", "7").Output);
        Assert.Equal(10, command.Run("logs", "a", "-n", "100000").Output.Split('\n').Length - 1);
        Assert.Equal("", command.Run("logs", "a", "-n", "0").Output);
        Assert.Equal("line 8\nline 9\n", command.Run("logs", "a", "--since", "1970-01-01T00:00:00.008Z").Output);
    }

    [Theory]
    [InlineData("2", 2)]
    [InlineData("last", 3)]
    [InlineData("previous", 2)]
    public async Task The_log_of_one_generation_is_asked_for(string text, int expected)
    {
        await using var monitor = command.Monitor();
        monitor.Services.Add(Samples.Service("a", generation: 3));
        monitor.Print("a", "line");
        Assert.Equal((0, "line\n", ""), command.Run("logs", "a", "--generation", text));
        Assert.Equal((0, "line\n", ""), command.Run("logs", "a", "-g", text, "-n", "5"));
        Assert.All(monitor.Generations, generation => Assert.Equal(expected, generation));
    }

    [Fact]
    public async Task A_generation_that_has_not_been_is_said_and_of_several_services_those_without_are_left_out()
    {
        await using var monitor = command.Monitor();
        monitor.Services.AddRange([Samples.Service("a", generation: 3), Samples.Service("b", generation: 1)]);
        monitor.Print("a", "of a");
        monitor.Print("b", "of b");
        Assert.Equal((1, "", "lifeline: there has been no generation \"4\" of \"a\"\n  the newest is 3\n"), command.Run("logs", "a", "-g", "4"));
        Assert.Equal((1, "", "lifeline: there has been no generation \"previous\" of \"b\"\n  the newest is 1\n"), command.Run("logs", "b", "-g", "previous"));
        Assert.Equal((0, "a | of a\n", ""), command.Run("logs", "-g", "previous"));
    }

    [Fact]
    public async Task The_logs_of_several_services_are_merged_by_time_with_their_names()
    {
        await using var monitor = WithLogs("a", "long-name");
        for (var i = 0; i < 9; i++) monitor.Print(i % 2 == 0 ? "a" : "long-name", $"line {i}", i % 3 == 0 ? LogStream.StandardError : LogStream.StandardOutput);
        Assert.Equal(
            string.Concat(Enumerable.Range(0, 9).Select(i => $"{(i % 2 == 0 ? "a        " : "long-name")} | line {i}\n")),
            command.Run("logs", "a", "long-name").Output);
    }

    [Fact]
    public async Task Without_a_name_the_logs_of_all_services_are_printed()
    {
        await using var monitor = WithLogs("a", "b");
        monitor.Print("b", "one");
        monitor.Print("a", "two");
        Assert.Equal((0, "b | one\na | two\n", ""), command.Run("logs"));
    }

    [Fact]
    public async Task Lines_begin_with_their_time_if_it_is_asked_for()
    {
        await using var monitor = WithLogs("a", "b");
        monitor.Print("a", "one");
        monitor.Print("b", "two");
        Assert.Equal("1970-01-01T00:00:00.000Z one\n", command.Run("logs", "a", "-t").Output);
        Assert.Equal("a | 1970-01-01T00:00:00.000Z one\nb | 1970-01-01T00:00:00.001Z two\n", command.Run("logs", "a", "b", "--timestamps").Output);
    }

    [Fact]
    public async Task Lines_as_json_tell_the_generation_that_wrote_them()
    {
        await using var monitor = WithLogs("a");
        monitor.Print("a", "one", generation: 2);
        monitor.Print("a", "lost its index");
        Assert.Equal(
            """
            {"service":"a","at":"1970-01-01T00:00:00.000Z","stream":"stdout","text":"one","continues":false,"generation":2}
            {"service":"a","at":"1970-01-01T00:00:00.001Z","stream":"stdout","text":"lost its index","continues":false,"generation":null}

            """,
            command.Run("logs", "a", "--json").Output);
    }

    [Theory]
    [InlineData("-n", "1000")]
    [InlineData("-n", "2", "--since", "1970-01-01T00:00:00Z")]
    [InlineData("--since", "1970-01-01T00:00:00Z")]
    public async Task What_is_kept_of_a_service_that_never_stops_writing_has_an_end(params string[] options)
    {
        await using var monitor = WithLogs("a");
        monitor.Print("a", "one");
        monitor.OnLogs = service => monitor.Print(service, "more");
        Assert.EndsWith("more\n", command.Run(["logs", "a", .. options]).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pieces_of_a_long_line_are_one_line_again_and_marked_where_others_come_between()
    {
        await using var monitor = WithLogs("a", "b");
        monitor.Print("a", "be", continues: true);
        monitor.Print("a", "gun");
        monitor.Print("a", "left ", continues: true);
        monitor.Print("a", "error", LogStream.StandardError);
        Assert.Equal("begun\nleft \nerror\n", command.Run("logs", "a").Output);
        Assert.Equal("a | be …\na | gun\na | left  …\na | error\n", command.Run("logs", "a", "b").Output);
    }

    [Fact]
    public async Task What_a_service_wrote_cannot_harm_a_terminal_and_is_untouched_elsewhere()
    {
        const string evil = "a\tb\e[2Jc\e]0;title\ad\re\u009bf\u202eg\e[31mred";
        await using var monitor = WithLogs("a");
        monitor.Print("a", evil);
        Assert.Equal(evil + "\n", command.Run("logs", "a").Output);
        command.IsTerminal = true;
        Assert.Equal("a\tb^[[2Jc^[]0;title^Gd^Me<U+009B>f<U+202E>g\e[31mred\e[0m\n", command.Run("logs", "a").Output);
    }

    [Fact]
    public async Task A_service_keeps_its_colour_whichever_others_are_shown()
    {
        command.IsTerminal = true;
        await using var monitor = WithLogs("orders", "db", "mail");
        foreach (var name in (string[])["orders", "db", "mail"]) monitor.Print(name, "x");
        var of = (string output) => output.Split('\n').First(line => line.Contains("orders", StringComparison.Ordinal))[..5];
        Assert.StartsWith("\e[", of(command.Run("logs", "orders", "db").Output), StringComparison.Ordinal);
        Assert.Equal(of(command.Run("logs", "orders", "db").Output), of(command.Run("logs", "orders", "mail").Output));
        var colors = command.Run("logs").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line[..5]).ToArray();
        Assert.Equal(3, colors.Distinct().Count());
    }

    [Fact]
    public async Task Followed_logs_go_on_until_ctrl_c()
    {
        await using var monitor = WithLogs("a", "b");
        monitor.Print("a", "first");
        var (code, output, error) = await command.RunUntilAsync(
            "first",
            () =>
            {
                monitor.Print("b", "second");
                monitor.Print("a", "third");
                return Task.CompletedTask;
            },
            ["second", "third"], "logs", "a", "b", "-f");
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(["a | first", "a | third", "b | second"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    [Fact]
    public async Task Followed_logs_go_on_with_the_next_monitor_without_a_line_doubled()
    {
        var first = WithLogs("a");
        first.Print("a", "one");
        FakeMonitor? second = null;
        var (code, output, _) = await command.RunUntilAsync(
            "one",
            async () =>
            {
                await first.DisposeAsync();
                second = WithLogs("a");
                second.Print("a", "one");
                second.Print("a", "two");
            },
            ["two"], "logs", "a", "-f");
        await second!.DisposeAsync();
        Assert.Equal(0, code);
        Assert.Equal("one\ntwo\n", output);
    }

    private static long[] Ids(string output) =>
        [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("id").GetInt64())];

    private FakeMonitor WithEvents(int count)
    {
        var monitor = command.Monitor();
        for (var i = 0; i < count; i++) monitor.Happen(EventKinds.ServiceStarting, "x");
        return monitor;
    }

    private FakeMonitor WithLogs(params string[] services)
    {
        var monitor = command.Monitor();
        foreach (var service in services) monitor.Services.Add(Samples.Service(service));
        return monitor;
    }
}
