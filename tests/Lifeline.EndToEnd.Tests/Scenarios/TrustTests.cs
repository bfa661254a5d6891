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
    public async Task Another_user_may_not_give_orders()
    {
        Assert.SkipUnless(Environment.UserName == "root", "Only root can act as another user.");
        await using var daemon = new Daemon(Sleeper);
        await daemon.UpAsync();
        await daemon.RunningAsync("a");
        // The native build can be run by others only from a place they may enter.
        var copy = Directory.CreateTempSubdirectory("lifeline-copy-").FullName;
        try
        {
            foreach (var file in Directory.GetFiles(Path.GetDirectoryName(Places.Executable)!))
                File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
            await Shell.RunAsync("chmod", ["-R", "a+rX", copy, daemon.Folder]);
            var order = await Shell.RunAsync("setpriv",
                ["--reuid", "65534", "--regid", "65534", "--clear-groups", Path.Combine(copy, "lifeline"), "stop", "a", "--run-dir", daemon.RunFolder, "--state-dir", Path.Combine(copy, "none")],
                environment: new Dictionary<string, string> { ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "../../..")) });
            Assert.Equal(1, order.ExitCode);
            Assert.Contains("allow_users", order.Errors, StringComparison.Ordinal);
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
}
