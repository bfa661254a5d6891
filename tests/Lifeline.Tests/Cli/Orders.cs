using Lifeline.Contracts;

namespace Lifeline.Tests.Cli;

public sealed class Orders : IDisposable
{
    private readonly CommandRun command = new();

    public void Dispose() => command.Dispose();

    [Fact]
    public async Task Start_returns_when_the_service_runs()
    {
        await using var monitor = command.Monitor();
        monitor.Services.Add(Samples.Service("orders", ServiceState.Stopped));
        monitor.OnOrder = (_, name) => Later(monitor, name, ServiceState.Running, 2, ServiceState.Starting);
        Assert.Equal((0, "", ""), command.Run("start", "orders"));
        Assert.Equal(["start orders"], monitor.Received);
        Assert.Equal(ServiceState.Running, monitor.Services[0].State);
    }

    [Fact]
    public async Task Start_of_what_runs_is_done_at_once()
    {
        await using var monitor = command.Monitor();
        monitor.Services.Add(Samples.Service("orders"));
        Assert.Equal((0, "", ""), command.Run("start", "orders"));
    }

    [Fact]
    public async Task Start_fails_when_the_service_does()
    {
        await using var monitor = command.Monitor();
        monitor.Services.Add(Samples.Service("orders", ServiceState.Stopped));
        monitor.OnOrder = (_, name) =>
        {
            monitor.Set(Samples.Service(name, ServiceState.Failed, 2) with { LastDeath = new SnapshotDeath { At = Samples.Now, Reason = DeathReason.ExecFailed } });
            monitor.Happen(EventKinds.ServiceDied, name, """{"reason":"exec_failed","error":"'/x' does not exist"}""");
        };
        Assert.Equal((1, "", "lifeline: orders failed: could not be executed ('/x' does not exist)\n  \"lifeline logs orders\" and \"lifeline events --service orders\" say more\n"), command.Run("start", "orders"));
    }

    [Fact]
    public async Task A_service_that_did_not_come_up_is_told_also_if_it_is_tried_again_meanwhile()
    {
        await using var monitor = command.Monitor();
        monitor.Services.Add(Samples.Service("orders", ServiceState.Stopped));
        monitor.OnOrder = (_, name) =>
        {
            monitor.Set(Samples.Service(name, ServiceState.Backoff, 2) with { LastDeath = new SnapshotDeath { At = Samples.Now, Reason = DeathReason.Exited, ExitCode = 3 } });
            monitor.AfterStatus = () => monitor.Set(Samples.Service(name, ServiceState.Starting, 3));
        };
        var (code, _, error) = command.Run("start", "orders");
        Assert.Equal(1, code);
        Assert.StartsWith("lifeline: orders did not come up: exited with 3\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_waited_for_in_vain_is_told_as_it_is_when_that_is_found()
    {
        await using var monitor = command.Monitor();
        monitor.Services.Add(Samples.Service("db", ServiceState.Stopped));
        monitor.Services.Add(Waiting("orders") with { State = ServiceState.Stopped });
        int looks = 0;
        monitor.OnOrder = (_, name) =>
        {
            monitor.Set(Samples.Service("db", ServiceState.Starting));
            monitor.Set(Waiting("orders"));
            monitor.Happen(EventKinds.ServiceStarted, name);
            monitor.AfterStatus = () =>
            {
                if (++looks == 1)
                {
                    monitor.Happen(EventKinds.ServiceStarted, "db");
                    return;
                }

                monitor.Set(Samples.Service("db", ServiceState.Failed));
                monitor.Set(Waiting("orders") with { Because = "waits for db, which is failed" });
            };
        };
        var (code, _, error) = command.Run("start", "orders");
        Assert.Equal(1, code);
        Assert.Contains("orders waits for db, which is failed", error, StringComparison.Ordinal);

        static ServiceSnapshot Waiting(string name) =>
            Samples.Service(name, ServiceState.Waiting) with { DependsOn = ["db"], Because = "waits for db, which is starting" };
    }

    [Fact]
    public async Task One_service_starts_too_and_several_start_too()
    {
        await using var monitor = command.Monitor();
        monitor.Services.Add(Samples.Service("db", ServiceState.Stopped));
        monitor.Services.Add(Samples.Service("app") with { DependsOn = ["db"] });
        Assert.Equal("db starts too: app cannot run without\n", command.Run("restart", "--no-wait", "app").Error.Replace("lifeline: ", "", StringComparison.Ordinal));
        monitor.Set(Samples.Service("db"));
        Assert.Equal("app stops first, because it depends on db, and waits until that runs again\n", command.Run("stop", "--no-wait", "db").Error.Replace("lifeline: ", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_of_a_job_that_has_already_ended_well_is_done()
    {
        await using var monitor = command.Monitor();
        monitor.Services.Add(Samples.Service("job", ServiceState.Stopped));
        monitor.OnOrder = (_, name) =>
        {
            monitor.Set(Samples.Service(name, ServiceState.Exited, 2));
            monitor.Happen(EventKinds.ServiceDied, name);
        };
        Assert.Equal((0, "", ""), command.Run("start", "job"));
    }

    [Fact]
    public async Task Stop_returns_when_all_have_ended()
    {
        await using var monitor = command.Monitor();
        monitor.Services.Add(Samples.Service("a"));
        monitor.Services.Add(Samples.Service("b"));
        monitor.OnOrder = (_, name) => Later(monitor, name, ServiceState.Stopped, 1, ServiceState.Stopping);
        Assert.Equal((0, "", ""), command.Run("stop", "a", "b", "a"));
        Assert.Equal(["stop a b"], monitor.Received);
        Assert.All(monitor.Services, service => Assert.Equal(ServiceState.Stopped, service.State));
    }

    [Fact]
    public async Task Restart_returns_when_the_next_generation_runs()
    {
        await using var monitor = command.Monitor();
        monitor.Services.Add(Samples.Service("orders", generation: 4));
        monitor.OnOrder = (_, name) => Later(monitor, name, ServiceState.Running, 5, ServiceState.Stopping);
        Assert.Equal((0, "", ""), command.Run("restart", "orders"));
        Assert.Equal(5, monitor.Services[0].Generation);
    }

    [Fact]
    public async Task Restart_fails_when_the_service_is_not_replaced()
    {
        await using var monitor = command.Monitor();
        monitor.Services.Add(Samples.Service("orders", generation: 4));
        monitor.OnOrder = (_, name) => monitor.Happen(EventKinds.ServiceReplacementFailed, name, """{"because":"exit code 3","stays":4}""", 5);
        Assert.Equal(
            (1, "", "lifeline: orders is not replaced: generation 5 did not take over: exit code 3\n  \"lifeline logs orders\" and \"lifeline events --service orders\" say more\n"),
            command.Run("restart", "orders"));
    }

    [Fact]
    public async Task Without_waiting_they_return_once_the_order_is_taken()
    {
        await using var monitor = command.Monitor();
        monitor.Services.Add(Samples.Service("orders"));
        Assert.Equal((0, "", ""), command.Run("restart", "--no-wait", "orders"));
        Assert.Equal(["restart orders"], monitor.Received);
    }

    [Theory]
    [InlineData("KILL", 9)]
    [InlineData("sigusr1", 10)]
    [InlineData("15", 15)]
    public async Task Kill_sends_the_signal(string signal, int number)
    {
        await using var monitor = command.Monitor();
        monitor.Services.Add(Samples.Service("-odd"));
        Assert.Equal((0, "", ""), command.Run("kill", "-s", signal, "--", "-odd"));
        Assert.Equal([$"kill {number} -odd"], monitor.Received);
    }

    [Fact]
    public async Task Down_returns_when_the_keeper_is_gone()
    {
        await using var monitor = command.Monitor();
        using var keeper = System.Diagnostics.Process.Start("sleep", "1000");
        monitor.Info = monitor.Info with { KeeperPid = keeper.Id };
        monitor.OnOrder = (_, _) => keeper.Kill();
        Assert.Equal((0, "", ""), command.Run("down"));
        Assert.Equal(["down"], monitor.Received);
        // Asked of the kernel: the class hears of it by a signal, a moment later.
        Assert.True(Linux.ProcFs.TryReadStat(keeper.Id) is null or { IsZombie: true });
    }

    [Fact]
    public async Task Down_names_what_is_left_behind()
    {
        await using var monitor = command.Monitor();
        using var keeper = System.Diagnostics.Process.Start("sleep", "1000");
        using var service = System.Diagnostics.Process.Start("sleep", "1000");
        try
        {
            monitor.Info = monitor.Info with { KeeperPid = keeper.Id };
            monitor.Services.Add(Samples.Service("stuck") with { Pid = service.Id });
            monitor.OnOrder = (_, _) => keeper.Kill();
            var (code, output, error) = command.Run("down");
            Assert.Equal((1, ""), (code, output));
            Assert.StartsWith($"lifeline: left behind: stuck (pid {service.Id})\n", error, StringComparison.Ordinal);
        }
        finally
        {
            service.Kill();
        }
    }

    private static void Later(FakeMonitor monitor, string name, ServiceState state, int generation, ServiceState first)
    {
        monitor.Set(Samples.Service(name, first, generation));
        _ = Task.Run(() =>
        {
            monitor.Happen(EventKinds.ServiceStarting, name);
            monitor.Set(Samples.Service(name, state, generation));
            monitor.Happen(EventKinds.ServiceReady, name);
        });
    }
}
