using System.Net.Sockets;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Scenarios;

/// <summary>What strangers may do at the socket: nothing, with a clear answer, and at nobody else's cost.</summary>
public class TrustTests
{
    private const string Sleeper = """
        [services.a]
        command = ["sleep", "1000"]
        """;

    [Fact]
    public async Task Another_user_may_not_give_orders_and_is_told_so_in_words()
    {
        Assert.SkipUnless(Environment.UserName == "root", "Only root can act as another user.");
        await using var daemon = new Daemon(Sleeper);
        await daemon.UpAsync();
        await daemon.RunningAsync("a");
        // The native build can be run by others only from a place they may enter.
        var copy = Directory.CreateTempSubdirectory("lifeline-copy-").FullName;
        try
        {
            // A development build has its libraries deeper down.
            var build = Path.GetDirectoryName(Places.Executable)!;
            foreach (var file in Directory.GetFiles(build).Concat(Directory.GetFiles(build, "libe_sqlite3.so", SearchOption.AllDirectories).Where(path => path.Contains("/linux-x64/", StringComparison.Ordinal))))
                File.Copy(file, Path.Combine(copy, Path.GetFileName(file)), overwrite: true);
            await Shell.RunAsync("chmod", ["-R", "a+rX", copy, daemon.Folder]);
            foreach (var (command, answer) in new (string[], string)[]
            {
                (["stop", "a"], "User nobody may not give orders: only root, the monitor's own user and those in allow_users of [monitor] may."),
                (["dashboard"], "User nobody may not give orders: only root, the monitor's own user and those in allow_users of [monitor] may."),
                (["up", "-d", daemon.ConfigurationFile], $"already running in {daemon.RunFolder} (keeper pid {daemon.KeeperPid})"),
            })
            {
                var told = await AsNobodyAsync(copy, daemon, command);
                Assert.Equal((1, $"lifeline: {answer}"), (told.ExitCode, told.Errors.Split('\n')[0]));
            }

            var examined = await AsNobodyAsync(copy, daemon, "doctor");
            Assert.Contains($"running (keeper pid {daemon.KeeperPid})", examined.Output + examined.Errors, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }

        Assert.Equal("running", (await daemon.RunningAsync("a")).State());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(60_000)]
    public async Task Garbage_at_the_socket_costs_only_its_own_session(int length)
    {
        await using var daemon = new Daemon(Sleeper);
        await daemon.UpAsync();
        var garbage = new byte[length];
        new Random(length).NextBytes(garbage);
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified))
        {
            socket.Connect(new UnixDomainSocketEndPoint(Path.Combine(daemon.RunFolder, "ipc.sock")));
            if (length > 0)
                socket.Send(garbage);
        }

        await daemon.RunningAsync("a");
        Assert.Equal(daemon.MonitorPid, (await daemon.StatusAsync()).Length == 1 ? daemon.MonitorPid : 0);
    }

    private static Task<CommandResult> AsNobodyAsync(string copy, Daemon daemon, params string[] command) => Shell.RunAsync("setpriv",
        ["--reuid", "65534", "--regid", "65534", "--clear-groups", Path.Combine(copy, "lifeline"), .. command, "--run-dir", daemon.RunFolder, "--state-dir", Path.Combine(copy, "none")],
        environment: new Dictionary<string, string> { ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "../../..")) });
}
