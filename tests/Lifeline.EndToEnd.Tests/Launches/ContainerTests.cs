using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Launches;

/// <summary>Lifeline as the first process of a container, and ending with a service.</summary>
public sealed class ContainerTests
{
    private static Task<CommandResult> InContainerAsync(Daemon daemon) => Shell.RunAsync(
        "unshare", ["--pid", "--fork", "--mount-proc", "--kill-child", Places.Executable, "up", daemon.ConfigurationFile, "--run-dir", daemon.RunFolder, "--state-dir", daemon.StateFolder]);

    [Theory]
    [InlineData("sleep 0.2; exit 7", 7)]
    [InlineData("kill -KILL $$$$", 137)]
    public async Task The_first_process_of_a_container_ends_with_the_exit_code_of_the_chosen_service(string command, int code)
    {
        Assert.SkipUnless(Environment.UserName == "root", "only root makes namespaces");
        await using var daemon = new Daemon($"""
            [monitor]
            http = "off"
            exit_with = "web"
            [services.web]
            command = "{command}"
            restart = "never"
            [services.other]
            command = "exec sleep 1000"
            """);

        (await InContainerAsync(daemon)).MustExit(code);
    }

    [Fact]
    public async Task It_reaps_strangers_and_a_TERM_stops_everything_in_order()
    {
        Assert.SkipUnless(Environment.UserName == "root", "only root makes namespaces");
        await using var daemon = new Daemon("""
            [monitor]
            http = "off"
            [services.a]
            command = "(setsid sh -c 'sleep 0.1' &); sleep 4; ps -eo stat= | grep -c Z > {folder}/zombies; kill -TERM 1; exec sleep 1000"
            """);

        (await InContainerAsync(daemon)).MustExit(0);

        Assert.Equal("0", File.ReadAllText(Path.Combine(daemon.Folder, "zombies")).Trim());
    }
}
