using System.Text.Json;
using Lifeline.Cli.Rendering;
using Lifeline.Contracts;
using Lifeline.Ipc;

namespace Lifeline.Tests.Cli;

public sealed class Status_of_services : IDisposable
{
    private const string Table =
        "NAME     STATE    HEALTH     PID  GEN  RESTARTS  UPTIME  STATUS\n" +
        "orders   running  healthy   4711    3         2  5m 12s  queue 3\n" +
        "db-1     running  degraded    99    1         0   3d 4h  disk [31m 91 % second line\n" +
        "billing  failed   unhealthy    -    6         5       -  exited with 3\n" +
        "mail     backoff  unknown      -    2         0       -  hung, killed by SIGKILL\n" +
        "report   stopped  unknown      -    0         0       -\n";

    private readonly CommandRun command = new() { Time = new FixedTime(Samples.Now) };

    public void Dispose() => command.Dispose();

    [Fact]
    public void Plain_columns_are_as_wide_as_their_values_and_hold_no_control_characters()
    {
        Assert.Equal(Aligned(Table), Aligned(StatusTable.Plain(Samples.Shop, Samples.Now)));
        Assert.Equal("There are no services.\n", StatusTable.Plain([], Samples.Now));
    }

    [Fact]
    public async Task Is_a_table_for_people()
    {
        await using var monitor = command.Monitor();
        monitor.Services.AddRange(Samples.Shop);
        var (code, output, error) = command.Run("status");
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(StatusTable.Plain(Samples.Shop, Samples.Now), output);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(72)]
    public void On_a_terminal_only_the_status_gives_way_to_the_width(int width)
    {
        var output = new StringWriter();
        using var context = new Lifeline.Cli.CliContext
        {
            Output = output, Error = TextWriter.Null, Variable = _ => null, CurrentFolder = "/", UserId = 0, Time = new FixedTime(Samples.Now), IsInteractive = true, Width = width,
        };
        StatusTable.Write(Samples.Shop, context);
        var lines = System.Text.RegularExpressions.Regex.Replace(output.ToString(), "\e\\[[0-9;]*m", "").Split('\n');
        Assert.All(lines, line => Assert.True(line.Length <= width, line));
        Assert.StartsWith("orders   running  healthy    4711    3         2  5m 12s  queue 3", lines[1], StringComparison.Ordinal);
        Assert.Equal(width == 200, lines[4].Contains("hung, killed by SIGKILL", StringComparison.Ordinal));
        Assert.Equal(width != 200, lines[4].Contains("…", StringComparison.Ordinal));
        Assert.Equal(7, lines.Length);
    }

    [Fact]
    public async Task Is_one_json_array_for_programs()
    {
        await using var monitor = command.Monitor();
        monitor.Services.AddRange(Samples.Shop);
        var (code, output, error) = command.Run("status", "--json");
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(ContractsJson.Serialize(Samples.Shop) + "\n", output);
        Assert.Equal(5, JsonDocument.Parse(output).RootElement.GetArrayLength());
    }

    [Fact]
    public async Task Shows_the_named_ones_in_the_order_of_the_configuration()
    {
        await using var monitor = command.Monitor();
        monitor.Services.AddRange(Samples.Shop);
        var (_, output, _) = command.Run("status", "--json", "mail", "orders", "mail");
        Assert.Equal(["orders", "mail"], JsonDocument.Parse(output).RootElement.EnumerateArray().Select(service => service.GetProperty("name").GetString()));
    }

    [Theory]
    [InlineData("status oders", "lifeline: there is no service \"oders\"\n  did you mean \"orders\"?\n")]
    [InlineData("status --json x y", "lifeline: there is no service \"x\", \"y\"\n  there are: orders, db-1, billing, mail, report\n")]
    [InlineData("status --watch x", "lifeline: there is no service \"x\"\n  there are: orders, db-1, billing, mail, report\n")]
    [InlineData("start oders", "lifeline: there is no service \"oders\"\n  did you mean \"orders\"?\n")]
    [InlineData("stop oders", "lifeline: there is no service \"oders\"\n  did you mean \"orders\"?\n")]
    [InlineData("restart orders oders", "lifeline: there is no service \"oders\"\n  did you mean \"orders\"?\n")]
    [InlineData("kill -s TERM oders", "lifeline: there is no service \"oders\"\n  did you mean \"orders\"?\n")]
    [InlineData("logs oders", "lifeline: there is no service \"oders\"\n  did you mean \"orders\"?\n")]
    [InlineData("events --service oders", "lifeline: there is no service \"oders\"\n  did you mean \"orders\"?\n")]
    public async Task An_unknown_service_ends_with_4_and_the_nearest_name(string line, string error)
    {
        await using var monitor = command.Monitor();
        monitor.Services.AddRange(Samples.Shop);
        Assert.Equal((4, "", error), command.Run(line.Split(' ')));
        Assert.Empty(monitor.Received);
    }

    [Fact]
    public async Task A_name_that_begins_with_a_dash_goes_after_two()
    {
        await using var monitor = command.Monitor();
        monitor.Services.Add(Samples.Service("-x"));
        var (code, output, _) = command.Run("status", "--json", "--", "-x");
        Assert.Equal(0, code);
        Assert.Contains("\"-x\"", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watched_prints_the_table_anew_after_each_change_and_ends_with_0()
    {
        await using var monitor = command.Monitor();
        monitor.Services.Add(Samples.Service("orders", ServiceState.Starting));
        var (code, output, error) = await command.RunUntilAsync(
            "starting",
            () =>
            {
                monitor.Set(Samples.Service("orders"));
                monitor.Happen(EventKinds.ServiceReady, "orders");
                return Task.CompletedTask;
            },
            ["running"], "status", "--watch");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("running", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', output);
    }

    [Fact]
    public async Task A_refusal_of_the_monitor_is_told_in_its_words()
    {
        await using var monitor = command.Monitor();
        monitor.Services.Add(Samples.Service("orders"));
        monitor.OnOrder = (_, _) => throw new IpcException(IpcError.PermissionDenied, "User 7 may not give orders; allow_users in [monitor] changes that.");
        Assert.Equal((1, "", "lifeline: User 7 may not give orders; allow_users in [monitor] changes that.\n"), command.Run("stop", "orders"));
    }

    // The rows above are written for the eye; runs of blanks do not matter here, the exact columns are compared below.
    private static string[] Aligned(string table) =>
        [.. table.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];

    [Fact]
    public void Numbers_stand_at_the_right_of_their_columns()
    {
        var lines = StatusTable.Plain(Samples.Shop, Samples.Now).Split('\n');
        var end = lines[0].IndexOf("PID", StringComparison.Ordinal) + 3;
        Assert.Equal("4711", lines[1][(end - 4)..end]);
        Assert.Equal("  99", lines[2][(end - 4)..end]);
    }
}
