namespace Lifeline.Tests.Cli;

public sealed class Reloads : IDisposable
{
    private readonly CommandRun command = new();

    public void Dispose() => command.Dispose();

    [Fact]
    public async Task With_names_services_read_their_own_configuration()
    {
        await using var monitor = command.Monitor();
        monitor.Services.Add(Samples.Service("orders"));
        monitor.Services.Add(Samples.Service("web"));
        Assert.Equal((0, "", ""), command.Run("reload", "web", "orders", "web"));
        Assert.Equal(["reload web orders"], monitor.Received);
    }

    [Fact]
    public async Task Of_no_such_service_is_4()
    {
        await using var monitor = command.Monitor();
        monitor.Services.Add(Samples.Service("orders"));
        var (code, _, error) = command.Run("reload", "order");
        Assert.Equal(4, code);
        Assert.Contains("orders", error, StringComparison.Ordinal);
        Assert.Empty(monitor.Received);
    }

    [Fact]
    public void A_dry_run_of_services_is_wrong_usage() => Assert.Equal(2, command.Run("reload", "--dry-run", "orders").ExitCode);
}
