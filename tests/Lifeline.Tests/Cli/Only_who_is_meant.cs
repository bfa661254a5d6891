using Lifeline.Contracts;

namespace Lifeline.Tests.Cli;

/// <summary>A command about one service asks about that one, however many there are.</summary>
public sealed class Only_who_is_meant : IDisposable
{
    private readonly CommandRun command = new();

    public void Dispose() => command.Dispose();

    [Theory]
    [InlineData("status orders", "list orders", "status orders")]
    [InlineData("stop --no-wait orders", "list orders")]
    [InlineData("stop orders", "list orders", "status orders")]
    [InlineData("start orders", "list orders", "status orders")]
    [InlineData("kill -s HUP orders", "list orders")]
    [InlineData("logs orders", "list orders")]
    [InlineData("logs orders mail", "list orders mail", "list")]
    [InlineData("events --service or*", "list or*")]
    [InlineData("status", "status")]
    [InlineData("logs", "list")]
    [InlineData("status oders", "list oders", "list")]
    public async Task A_monitor_is_asked_no_more_than_a_command_needs(string line, params string[] asked)
    {
        await using var monitor = command.Monitor();
        monitor.Services.AddRange(Samples.Shop);
        monitor.OnOrder = (order, name) => monitor.Set(Samples.Service(name, order == "stop" ? ServiceState.Stopped : ServiceState.Running, 4));
        command.Run(line.Split(' '));
        Assert.Equal(asked, monitor.Asked);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Instances_relatives_and_names_of_nobody_are_told_by_every_version(bool isOld)
    {
        await using var monitor = command.Monitor();
        monitor.IsOld = isOld;
        monitor.Services.AddRange([
            Samples.Service("db"), Samples.Service("web.1") with { DependsOn = ["db"] }, Samples.Service("web.2") with { DependsOn = ["db"] }, Samples.Service("mail"),
        ]);

        var (code, output, error) = command.Run("status", "--json", "web", "mail");
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(["web.1", "web.2", "mail"], ContractsJsonNames(output));
        Assert.Equal((4, "", "lifeline: there is no service \"mial\"\n  did you mean \"mail\"?\n"), command.Run("status", "mial"));
        Assert.Equal((4, "", "lifeline: there is no service \"web*\"\n  there are: db, web.1, web.2, mail\n"), command.Run("stop", "web*"));
        Assert.Equal(
            (0, "", "lifeline: web.1, web.2 stop first, because they depend on db, and wait until that runs again\n"),
            command.Run("stop", "--no-wait", "db"));
        Assert.Equal(0, command.Run("events", "--service", "web*").ExitCode);
        Assert.Equal(["stop db"], monitor.Received);
        Assert.Equal(4, command.Run("status", new string('x', CallLimits.MaxNameBytes + 1)).ExitCode);
    }

    private static IEnumerable<string?> ContractsJsonNames(string json)
    {
        using var services = System.Text.Json.JsonDocument.Parse(json);
        return [.. services.RootElement.EnumerateArray().Select(service => service.GetProperty("name").GetString())];
    }
}
