using Lifeline.Configuration;
using Lifeline.Monitor;
using Lifeline.Supervision;

namespace Lifeline.Tests.Supervision;

public class CoreConfigurationTests
{
    [Fact]
    public void Policies_of_the_file_reach_the_core()
    {
        var spec = Of("""
            [services.a]
            command = ["sleep", "1"]
            ready = "status"
            heartbeat = "10s"
            restart = "on-failure"
            success_exit_codes = [0, 3]
            max_restarts = 7
            restart_window = "2m"
            failed_retry = "never"
            stop = { signal = "INT", timeout = "3s" }
            backoff = { initial = "1s", max = "9s", factor = 3.0, jitter = 0.0, reset_after = "5s" }
            """).Services[0];
        Assert.Equal(ReadyWhen.Status, spec.Ready);
        Assert.Equal(TimeSpan.FromSeconds(10), spec.Heartbeat);
        Assert.Equal(RestartWhen.OnFailure, spec.Restart);
        Assert.Equal([0, 3], spec.SuccessExitCodes);
        Assert.Equal(7, spec.MaxRestarts);
        Assert.Equal(TimeSpan.FromMinutes(2), spec.RestartWindow);
        Assert.Null(spec.FailedRetry);
        Assert.Equal(2, spec.StopSignal);
        Assert.Equal(TimeSpan.FromSeconds(3), spec.StopTimeout);
        Assert.Equal(TimeSpan.FromSeconds(9), spec.Backoff.Max);
    }

    [Theory]
    [InlineData("command = [\"sleep\", \"2\"]", true)]
    [InlineData("command = [\"sleep\", \"1\"]\nenv = { A = \"1\" }", true)]
    [InlineData("command = [\"sleep\", \"1\"]\numask = \"077\"", true)]
    [InlineData("command = [\"sleep\", \"1\"]\nprivate_tmp = true", true)]
    [InlineData("command = [\"sleep\", \"1\"]\nmax_restarts = 9", false)]
    [InlineData("command = [\"sleep\", \"1\"]\nstop = { timeout = \"1s\" }", false)]
    public void Only_what_a_process_got_at_its_launch_makes_a_restart_necessary(string changed, bool restarts)
    {
        var before = Of("[services.a]\ncommand = [\"sleep\", \"1\"]").Services[0].LaunchKey;
        var after = Of("[services.a]\n" + changed).Services[0].LaunchKey;
        Assert.Equal(restarts, before != after);
    }

    [Fact]
    public void What_was_accepted_comes_back_as_it_was()
    {
        var folder = Directory.CreateTempSubdirectory("lifeline-accepted-").FullName;
        try
        {
            var configuration = Load("""
                [monitor]
                allow_users = ["0"]
                [services.a]
                command = ["sleep", "1"]
                env = { A = "b" }
                heartbeat = "10s"
                umask = "077"
                reclaim = { paths = ["/run/a-*"], command = ["true"] }
                [alerts.hook]
                webhook = "http://localhost/x"
                """);
            AcceptedConfiguration.Save(folder, configuration);
            var back = AcceptedConfiguration.TryLoad(folder)!;
            Assert.Equivalent(configuration, back, strict: true);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "configuration.json")));
            File.WriteAllText(Path.Combine(folder, "configuration.json"), "{");
            Assert.Null(AcceptedConfiguration.TryLoad(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static MonitorConfiguration Of(string text) => CoreConfiguration.Of(Load(text));

    private static LifelineConfiguration Load(string text)
    {
        // One folder for all: it is the services' working folder, and so a part of what they are launched with.
        var folder = Path.Combine(Path.GetTempPath(), $"lifeline-core-{Environment.ProcessId}");
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, $"{Guid.NewGuid():N}.toml");
        try
        {
            File.WriteAllText(file, text);
            var loaded = ConfigurationLoader.Load(file, new Dictionary<string, string>());
            Assert.True(loaded.Configuration is not null, string.Join('\n', loaded.Errors));
            return loaded.Configuration!;
        }
        finally
        {
            File.Delete(file);
        }
    }
}
