using System.Diagnostics;
using System.Text;
using Lifeline.Keeper;
using Lifeline.Linux;

namespace Lifeline.Tests.Keeper;

/// <summary>A real keeper process in folders of its own, whose monitors are played by the test. Kills everything at the end.</summary>
internal sealed class KeeperHouse : IDisposable
{
    private readonly UnixSocket listener;
    private readonly List<MonitorAtTest> monitors = [];
    private readonly HashSet<int> services = [];
    private readonly string[] more;

    public KeeperHouse(params string[] more)
    {
        this.more = more;
        Root = Directory.CreateTempSubdirectory("keeper-").FullName;
        listener = UnixSocket.Listen(ControlPath, UnixSocketType.SeqPacket);
        Options = new KeeperOptions
        {
            RunDirectory = Path.Combine(Root, "run"),
            StateDirectory = Path.Combine(Root, "state"),
            MonitorCommand = [Environment.ProcessPath!, TestMonitor.Command, ControlPath],
        };
        Keeper = StartKeeper();
    }

    /// <summary>The executable of the build; the variable names another (an AOT build).</summary>
    public static SelfCommand Executable { get; } = new(
        Environment.GetEnvironmentVariable("LIFELINE_TEST_EXECUTABLE") ?? Path.Combine(AppContext.BaseDirectory, "lifeline"), []);

    public string Root { get; }

    public KeeperOptions Options { get; }

    public Process Keeper { get; }

    private string ControlPath => Path.Combine(Root, "control");

    public Process StartKeeper()
    {
        ProcessStartInfo start = new(Executable.Path, [SelfCommand.Keeper, .. Options.ToArguments(), .. more])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        return Process.Start(start)!;
    }

    /// <summary>Waits for the monitor that the keeper starts next, and reads its handover.</summary>
    public MonitorAtTest NextMonitor(KeeperRestarter? restarter = null, bool connect = true)
    {
        Assert.True(Poller.IsReady(listener, PollEvents.In, (int)MonitorAtTest.Patience.TotalMilliseconds), "no monitor was started");
        MonitorAtTest monitor = new(listener.Accept(), restarter, connect);
        monitors.Add(monitor);
        return monitor;
    }

    /// <summary>The keepers it starts take the test process for their monitor: they must not find it silent.</summary>
    public KeeperRestarter NewRestarter() => new(
        Executable, Options with { AliveTimeout = TimeSpan.FromHours(1) }, static text => TestContext.Current.SendDiagnosticMessage(text));

    /// <summary>A shell script as a service.</summary>
    public LaunchJob Shell(string slot, int generation, string script) => Job(slot, generation, "/bin/sh", "-c", script);

    public LaunchJob Job(string slot, int generation, params string[] arguments) => new()
    {
        Slot = slot,
        Generation = generation,
        Arguments = arguments,
        Environment = [new("PATH", "/usr/local/bin:/usr/bin:/bin")],
        WorkingDirectory = Root,
    };

    /// <summary>Starts a service whose output comes back whole.</summary>
    public string Run(MonitorAtTest monitor, LaunchJob job)
    {
        (Descriptor read, Descriptor write) = Pipe.Create();
        using (read)
        {
            using (write) monitor.Link.Put("out", write);
            monitor.Link.Launch(job with { StandardOutput = "out", StandardError = "out" });
            KeeperMessage outcome = monitor.Expect<KeeperMessage>(message => message is LaunchedMessage or LaunchFailedMessage);
            monitor.Link.Drop("out");
            Assert.IsType<LaunchedMessage>(outcome);
            return ReadAll(read);
        }
    }

    /// <summary>This process is killed at the end, if it lives.</summary>
    public int Track(int pid)
    {
        services.Add(pid);
        return pid;
    }

    public static string ReadAll(Descriptor read)
    {
        StringBuilder text = new();
        byte[] buffer = new byte[4096];
        while (true)
        {
            Assert.True(Poller.IsReady(read, PollEvents.In, (int)MonitorAtTest.Patience.TotalMilliseconds), $"the output did not end; so far: {text}");
            int count = read.Read(buffer);
            if (count <= 0) return text.ToString();
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }
    }

    public static bool IsAlive(int pid) => ProcFs.TryReadStat(pid) is { IsZombie: false };

    /// <summary>Waits until a process is gone, reaped included.</summary>
    public static void WaitGone(int pid)
    {
        long until = MonotonicClock.Nanoseconds + KeeperTiming.Nanoseconds(MonitorAtTest.Patience);
        using EventFd never = EventFd.Create();
        while (ProcFs.TryReadStat(pid) is not null)
        {
            Assert.True(MonotonicClock.Nanoseconds < until, $"process {pid} is still there");
            Poller.IsReady(never, PollEvents.In, 10);
        }
    }

    public int WaitForKeeper()
    {
        Assert.True(Keeper.WaitForExit(MonitorAtTest.Patience), "the keeper did not end");
        return Keeper.ExitCode;
    }

    public void Signal(int signal)
    {
        using PidFd? keeper = PidFd.TryOpen(Keeper.Id);
        keeper?.TrySignal(signal);
    }

    public void Dispose()
    {
        // Keepers first: one that sees its link close would take the test for a monitor to be killed.
        foreach (MonitorAtTest monitor in monitors) monitor.EndRestarts();
        KillByFile("keeper.pid"); // one that a link started; ours is reaped by Process
        if (!Keeper.HasExited) Keeper.Kill();
        Keeper.WaitForExit();
        Keeper.Dispose();
        foreach (MonitorAtTest monitor in monitors)
        {
            monitor.Kill();
            monitor.Dispose();
        }

        foreach (int pid in services) Kill(pid);
        listener.Dispose();
        Directory.Delete(Root, recursive: true);
    }

    private void KillByFile(string name)
    {
        if (ProcFs.TryReadText(Path.Combine(Options.RunDirectory, name)) is { } text && int.TryParse(text, out int pid) && pid != Keeper.Id) Kill(pid);
    }

    private static void Kill(int pid)
    {
        using PidFd? process = PidFd.TryOpen(pid);
        if (process is not null) KeeperProcessHandle.KillAndWait(process);
    }
}
