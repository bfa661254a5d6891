using System.Text;

namespace Lifeline.Linux.Tests.Harness;

/// <summary>A process of one test: its standard output is read here; it is killed and reaped with the test.</summary>
internal sealed class Child : IDisposable
{
    private readonly SpawnedProcess _process;
    private readonly Descriptor _output;
    private ExitStatus? _exit;

    private Child(SpawnedProcess process, Descriptor output)
    {
        _process = process;
        _output = output;
    }

    public int Pid => _process.Pid;

    public PidFd PidFd => _process.PidFd;

    public static Child Start(SpawnRequest request)
    {
        var (read, write) = Pipe.Create();
        using (write)
        {
            // Our own output is not theirs: what outlives a broken test would keep it open.
            using var nothing = Descriptor.Open("/dev/null", OpenFlags.ReadWrite);
            var map = new List<(Descriptor, int)>(request.Descriptors) { (nothing, 0), (nothing, 2) };
            if (map.TrueForAll(entry => entry.Item2 != 1))
                map.Add((write, 1));
            return new Child(ProcessSpawner.Spawn(request with { Descriptors = map }), read);
        }
    }

    public static Child Program(string path, params string[] arguments) =>
        Start(new SpawnRequest { Path = path, Arguments = [path, .. arguments], Environment = ["PATH=/usr/bin:/bin"] });

    /// <summary>A shell; the further arguments are its $1, $2 and so on.</summary>
    public static Child Shell(string script, params string[] arguments) => Program("/bin/sh", ["-c", script, "sh", .. arguments]);

    /// <summary>This test program in a role of <see cref="Roles"/>.</summary>
    public static Child InRole(string role, IReadOnlyList<(Descriptor Source, int Target)>? descriptors = null, params string[] arguments)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Lifeline.Linux.Tests");
        var environment = new List<string> { $"{Roles.Variable}={role}", $"{Roles.ArgumentsVariable}={string.Join('\n', arguments)}" };
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
            environment.Add($"{variable.Key}={variable.Value}");
        return Start(new SpawnRequest { Path = path, Arguments = [path], Environment = environment, Descriptors = descriptors ?? [], NewSession = false });
    }

    /// <summary>The kernel lets a spawner go on before it has filled in name, arguments and environment of the new program.</summary>
    public Child Executed()
    {
        Patience.Until(() => ProcFs.TryReadStat(Pid) is not { State: 'R' } && ProcFs.TryReadCommandLine(Pid) is { Count: > 0 }, "the program did not begin to wait");
        return this;
    }

    /// <summary>Everything it writes until it (and whoever inherited its output) is gone.</summary>
    public string ReadOutput()
    {
        var bytes = new List<byte>();
        Span<byte> chunk = stackalloc byte[4096];
        while (true)
        {
            Patience.ForReadiness(_output);
            var count = _output.Read(chunk);
            if (count == 0)
                return Encoding.UTF8.GetString([.. bytes]);
            bytes.AddRange(chunk[..count]);
        }
    }

    public string ReadLine()
    {
        var bytes = new List<byte>();
        Span<byte> one = stackalloc byte[1];
        while (true)
        {
            Patience.ForReadiness(_output);
            if (_output.Read(one) == 0 || one[0] == (byte)'\n')
                return Encoding.UTF8.GetString([.. bytes]);
            bytes.Add(one[0]);
        }
    }

    public ExitStatus WaitExit()
    {
        if (_exit is null)
        {
            Patience.ForReadiness(PidFd);
            _exit = PidFd.TryReap();
        }

        Assert.NotNull(_exit);
        return _exit.Value;
    }

    public void Dispose()
    {
        if (_exit is null)
        {
            // With what it started, if it leads a group of its own; it is not reaped yet, so the number is its own.
            _ = Native.Libc.kill(-Pid, Signals.Kill);
            _ = PidFd.TrySignal(Signals.Kill);
            _ = Poller.IsReady(PidFd, PollEvents.In, Patience.Milliseconds);
            _ = PidFd.TryReap();
        }

        _output.Dispose();
        _process.Dispose();
    }
}
