using Lifeline.Cli.Rendering;
using Lifeline.Cli.Top;
using Lifeline.Contracts;

namespace Lifeline.Tests.Cli;

/// <summary>What <c>top</c> shows and what its keys do, without a terminal.</summary>
public sealed class The_live_view
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddHours(1);

    private readonly TopModel model = new();

    public The_live_view() => Look(0, cpu: 1);

    [Fact]
    public void Shows_each_service_with_its_share_of_a_processor_since_the_last_look()
    {
        Look(2, cpu: 2);
        var lines = Draw(width: 120, height: 8);
        Assert.StartsWith("3 services: 2 running, 1 failed, 1 not healthy   cpu 50.0%  memory 8.0M   01:00:00", lines[0]);
        Assert.Equal([">web", "running", "healthy", "11", "1", "0", "59m", "0s", "50.0", "3.0M", "2", "queue", "3"], lines[2].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("failed", lines[4], StringComparison.Ordinal);
        Assert.Contains("exited with 3", lines[4], StringComparison.Ordinal);
        Assert.Contains("q quit", lines[7], StringComparison.Ordinal);
    }

    [Fact]
    public void Never_draws_more_lines_or_columns_than_the_terminal_has()
    {
        for (var height = 1; height < 9; height++)
            for (var width = 1; width < 120; width += 7)
                Assert.All(Draw(width, height, expectedLines: height), line => Assert.True(line.Length <= width, $"{width}x{height}: {line}"));
    }

    [Fact]
    public void Leaves_out_what_matters_least_where_the_terminal_is_narrow()
    {
        Look(2, cpu: 2);
        model.SortBy(TopSort.Memory);
        Assert.Equal(["NAME", "STATE", "HEALTH", "RESTARTS", "UPTIME", "CPU%", "MEMORY↓", "STATUS"], Words(Draw(width: 72, height: 8)[1]));
        Assert.Equal(["NAME", "STATE", "CPU%", "MEMORY↓"], Words(Draw(width: 34, height: 8)[1]));
        Assert.Equal([">web", "running", "50.0", "3.0M"], Words(Draw(width: 34, height: 8)[3]));
        Assert.Equal("? help · q quit", Draw(width: 34, height: 8)[7]);
        Assert.Equal(["NAME"], Words(Draw(width: 7, height: 8)[1]));
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    [Fact]
    public void Explains_its_keys_in_forty_columns() => Assert.All(TopKeys.Help.Split('\n'), line => Assert.InRange(line.Length, 1, 40));

    [Fact]
    public void Orders_filters_and_keeps_the_choice()
    {
        Press('M');
        Assert.Equal(["db", "web", "job"], model.Rows.Select(row => row.Service.Name));
        Press('N');
        Assert.Equal(["db", "job", "web"], model.Rows.Select(row => row.Service.Name));
        Assert.Equal("web", model.Chosen);
        Press('k');
        Assert.Equal("job", model.Chosen);
        foreach (var letter in "/fail") Press(letter);
        Assert.Equal(["job"], model.Rows.Select(row => row.Service.Name));
        Press('\r', ConsoleKey.Enter);
        Assert.Equal(TopMode.List, model.Mode);
        Press('\e', ConsoleKey.Escape);
        Assert.Equal(3, model.Rows.Count);
        Press('\0', ConsoleKey.End);
        Assert.Equal("web", model.Chosen);
    }

    [Fact]
    public void Asks_before_it_acts()
    {
        Assert.Equal(TopAction.None, Press('r'));
        Assert.Contains("restart web?  y/n", Draw(80, 8)[7], StringComparison.Ordinal);
        Assert.Equal(TopAction.None, Press('n'));
        Assert.Null(model.Pending);
        Press('s');
        Assert.Equal(TopAction.GiveOrder, Press('y'));
        Assert.Equal("stop web", $"{model.Pending!.Verb} {model.Pending.Service}");
    }

    [Fact]
    public void Shows_the_log_of_what_is_chosen_without_what_could_harm_the_terminal()
    {
        Assert.Equal(TopAction.ShowLog, Press('l'));
        model.Log = [new LogLine(LogStream.StandardOutput, Now, "one"), new LogLine(LogStream.StandardOutput, Now, "two\e[2J")];
        Assert.Equal(["one", "two [2J"], Draw(80, 8)[1..3]);
        Assert.Equal(TopAction.None, Press('q'));
        Assert.Equal(TopMode.List, model.Mode);
        Assert.Equal(TopAction.Quit, Press('q'));
    }

    [Fact]
    public void An_empty_list_of_alerts_says_nothing_about_services_where_there_is_no_channel()
    {
        Assert.Equal("Nothing is wrong that anybody would be told of.", AlertText.NothingOpen(Wrong(channels: 1)));
        Assert.StartsWith("Nobody is told of anything: no alert channel is configured ([alerts.NAME]).", AlertText.NothingOpen(Wrong(channels: 0)), StringComparison.Ordinal);
    }

    [Fact]
    public void Has_below_the_services_what_the_status_has_there()
    {
        model.Alerts = Wrong(channels: 1);
        var lines = Draw(80, 24);
        Assert.Equal(["chat (webhook): 1 alert NOT DELIVERED and given up: connection refused", "2 alerts open: \"lifeline alert list\""], lines[21..23]);
        Assert.Contains("q quit", lines[23], StringComparison.Ordinal);
        Press('l');
        Assert.DoesNotContain(Draw(80, 24), line => line.Contains("open", StringComparison.Ordinal));
    }

    [Fact]
    public void Leaves_half_of_the_screen_to_the_services_however_much_is_wrong()
    {
        model.Alerts = Wrong(channels: 40);
        var services = Enumerable.Range(0, 100).Select(i => new ServiceSnapshot { Name = $"s{i}", State = ServiceState.Running, Health = ServiceHealth.Healthy });
        model.Update([.. services], 5, 1);
        Press('\0', ConsoleKey.End);
        var lines = Draw(80, 24, expectedLines: 24);
        Assert.Equal(12, TopView.Page(model, 80, 24));
        Assert.StartsWith(">s99", lines[13], StringComparison.Ordinal);
        Assert.Equal("2 alerts open: \"lifeline alert list\"", lines[22]);
        for (var height = 1; height < 12; height++)
            Assert.All(Draw(30, height, expectedLines: height), line => Assert.InRange(line.Length, 0, 30));
    }

    private static AlertOverview Wrong(int channels)
    {
        OpenAlert Open(long id) => new() { Id = id, Service = "job", Rule = "failed", State = "open", Text = "job failed", Count = 1, Channels = [] };
        return new AlertOverview([Open(1), Open(2)], [], [.. Enumerable.Range(0, channels).Select(_ => new AlertChannelStatus { Name = "chat", Kind = "webhook", Undelivered = 1, LastError = "connection refused" })]);
    }

    [Fact]
    public void Names_no_choice_where_there_are_no_services()
    {
        model.Update([], 3, 1);
        foreach (var key in "jkrsulMCN") Press(key);
        Assert.Null(model.Chosen);
        Assert.Equal(TopMode.List, model.Mode);
        Assert.StartsWith("no services", Draw(80, 8)[0]);
    }

    private void Look(long second, double cpu) => model.Update(
    [
        new ServiceSnapshot { Name = "web", State = ServiceState.Running, Health = ServiceHealth.Healthy, Pid = 11, Generation = 1, StartedAt = Now.AddMinutes(-59), MemoryBytes = 3 << 20, CpuSeconds = cpu, Processes = 2, Status = new SnapshotStatus { Code = 0, Text = "queue 3", Sequence = 1, At = Now } },
        new ServiceSnapshot { Name = "db", State = ServiceState.Running, Health = ServiceHealth.Degraded, Pid = 12, Generation = 2, StartedAt = Now.AddMinutes(-1), MemoryBytes = 5 << 20, CpuSeconds = 0 },
        new ServiceSnapshot { Name = "job", State = ServiceState.Failed, Health = ServiceHealth.Unknown, Generation = 4, Restarts = 3, LastDeath = new SnapshotDeath { At = Now, Reason = DeathReason.Exited, ExitCode = 3 } },
    ], second, 1);

    private TopAction Press(char character, ConsoleKey key = ConsoleKey.None) => TopKeys.Press(model, new ConsoleKeyInfo(character, key, false, false, false), 5);

    private string[] Draw(int width, int height, int? expectedLines = null)
    {
        var text = TopView.Draw(model, Now, width, height, color: false).Replace("\e[H", "", StringComparison.Ordinal).Replace("\e[K", "", StringComparison.Ordinal).Replace("\e[J", "", StringComparison.Ordinal);
        var lines = text.Split("\r\n");
        if (expectedLines is { } count) Assert.Equal(count, lines.Length);
        return lines;
    }
}
