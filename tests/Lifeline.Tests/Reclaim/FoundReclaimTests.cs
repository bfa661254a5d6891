using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Lifeline.Contracts;
using Lifeline.Linux;
using Lifeline.Monitor;
using Lifeline.Reclaim;
using Xunit;

namespace Lifeline.Tests.Reclaim;

/// <summary>A real process binds a socket, locks a file and shares memory; what a look at it finds is reclaimed after its death, and nothing else.</summary>
public sealed class FoundReclaimTests : IDisposable
{
    // The socket is bound through a link to the folder, as /var/run is one to /run.
    private const string Service = """
        import fcntl, mmap, os, socket, sys, time
        folder, name = sys.argv[1:]
        os.symlink(folder, folder + "/way")
        s = socket.socket(socket.AF_UNIX); s.bind(folder + "/way/socket"); s.listen()
        l = open(folder + "/own.lock", "w"); l.write(str(os.getpid())); l.flush(); fcntl.flock(l, fcntl.LOCK_EX)
        d = open(folder + "/data.db", "w"); fcntl.flock(d, fcntl.LOCK_EX)
        m = os.open("/dev/shm/" + name, os.O_RDWR | os.O_CREAT); os.ftruncate(m, 4096); k = mmap.mmap(m, 4096); os.close(m)
        open(folder + "/pid", "w").write(str(os.getpid()))
        time.sleep(1000)
        """;

    private readonly ReclaimFolder _folder = new();
    private readonly DateTimeOffset _before = TimeProvider.System.GetUtcNow();

    public void Dispose()
    {
        File.Delete(SharedMemory);
        _folder.Dispose();
    }

    private string SharedMemory => "/dev/shm/lifeline-" + _folder.Marker;

    [Fact]
    public async Task What_it_made_and_held_is_found_and_removed_after_its_death()
    {
        var (pid, found) = await HoldAsync();
        Assert.Equal(
            [(FoundKind.Socket, _folder.At("socket")), (FoundKind.SharedMemory, SharedMemory), (FoundKind.LockFile, _folder.At("own.lock"))],
            found.Select(f => (f.Kind, f.Path)).Order());

        var result = await _folder.RunAsync(Request(pid, found));
        Assert.True(result.TreeEmpty);
        ReclaimFolder.AssertStep(result, ReclaimKind.Path, _folder.At("own.lock"), ReclaimOutcome.Removed);
        ReclaimFolder.AssertStep(result, ReclaimKind.Path, _folder.At("socket"), ReclaimOutcome.Removed);
        ReclaimFolder.AssertStep(result, ReclaimKind.Path, SharedMemory, ReclaimOutcome.Kept, "posix_shm = true");
        Assert.True(File.Exists(_folder.At("data.db")) && File.Exists(SharedMemory));

        result = await _folder.RunAsync(Request(pid, found) with { PosixShm = true });
        Assert.Equal((ReclaimKind.Path, SharedMemory, ReclaimOutcome.Removed), Assert.Single(result.Steps.Select(s => (s.Kind, s.What, s.Outcome))));
        Assert.Empty((await _folder.RunAsync(Request(pid, found) with { PosixShm = true })).Steps);
    }

    [Fact]
    public async Task What_is_older_than_the_generation_or_anothers_is_not_found()
    {
        var (pid, _) = await HoldAsync();
        Assert.Empty(HoldingScan.Look([pid], TimeProvider.System.GetUtcNow().AddMinutes(1), CurrentProcess.Uid));
        Assert.Empty(HoldingScan.Look([pid], _before, CurrentProcess.Uid + 1));
        Assert.Empty(HoldingScan.Look([int.MaxValue], _before, CurrentProcess.Uid));
    }

    [Fact]
    public async Task What_was_replaced_or_is_held_by_another_stays()
    {
        var (pid, found) = await HoldAsync();
        using var reader = File.OpenRead(SharedMemory);
        using var main = Process.GetProcessById(pid);
        main.Kill();
        await main.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));

        // A successor is there already, with a socket and a lock of its own.
        File.Delete(_folder.At("socket"));
        using var listener = UnixSocket.Listen(_folder.At("socket"), UnixSocketType.Stream, 1, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllTextAsync(_folder.At("own.lock"), "1");
        var result = await _folder.RunAsync(Request(pid, found) with { PosixShm = true });
        ReclaimFolder.AssertStep(result, ReclaimKind.Path, SharedMemory, ReclaimOutcome.Kept, $"process {Environment.ProcessId}");
        Assert.True(File.Exists(_folder.At("socket")) && File.Exists(_folder.At("own.lock")));
        Assert.DoesNotContain(result.Steps, s => s.Outcome == ReclaimOutcome.Removed);
    }

    [Fact]
    public async Task A_declared_port_that_another_holds_is_named_with_its_holder()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var held = (IPEndPoint)listener.LocalEndPoint!;
        var result = await _folder.RunAsync(_folder.Request() with { Ports = [held] });
        ReclaimFolder.AssertStep(result, ReclaimKind.Port, held.ToString(), ReclaimOutcome.Kept, $"process {Environment.ProcessId} (");
        listener.Dispose();
        Assert.Empty((await _folder.RunAsync(_folder.Request() with { Ports = [held] })).Steps);
    }

    [Fact]
    public async Task A_listener_on_every_address_holds_the_port_of_each()
    {
        using var listener = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
        listener.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        listener.Listen();
        var wanted = new IPEndPoint(IPAddress.Loopback, ((IPEndPoint)listener.LocalEndPoint!).Port);
        var result = await _folder.RunAsync(_folder.Request() with { Ports = [wanted] });
        ReclaimFolder.AssertStep(result, ReclaimKind.Port, wanted.ToString(), ReclaimOutcome.Kept, "listens on it");
    }

    private async Task<(int Pid, IReadOnlyList<FoundRecord> Found)> HoldAsync()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "python3 is needed to hold things");
        await File.WriteAllTextAsync(_folder.At("service.py"), Service);
        _folder.Shell($"exec python3 service.py {_folder.Path} {Path.GetFileName(SharedMemory)}");
        var pid = await _folder.PidInAsync("pid");
        return (pid, HoldingScan.Look([pid], _before, CurrentProcess.Uid));
    }

    private ReclaimRequest Request(int pid, IReadOnlyList<FoundRecord> found) => _folder.Request(new ProcessTree { MainPid = pid }) with { Found = found };
}
