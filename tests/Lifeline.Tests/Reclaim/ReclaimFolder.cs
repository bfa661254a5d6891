using System.Diagnostics;
using Lifeline.Contracts;
using Lifeline.Linux;
using Lifeline.Reclaim;

namespace Lifeline.Tests.Reclaim;

/// <summary>A folder, real processes and control groups for one test; all gone at the end.</summary>
internal sealed class ReclaimFolder : IDisposable
{
    private readonly List<Process> _processes = [];
    private readonly List<ControlGroup> _groups = [];

    public ReclaimFolder() => Path = Directory.CreateTempSubdirectory("lifeline-reclaim-").FullName;

    public string Path { get; }

    /// <summary>Tells the processes of this test from all others.</summary>
    public string Marker { get; } = Guid.NewGuid().ToString("N");

    public string At(string name) => System.IO.Path.Combine(Path, name);

    public string Touch(string name)
    {
        File.WriteAllText(At(name), "x");
        return At(name);
    }

    public ControlGroup Group()
    {
        var root = ControlGroupRoot.Find("lifeline-tests");
        Assert.SkipWhen(root is null, "no control group can be made here");
        var group = root.Create("reclaim-" + Marker);
        _groups.Add(group);
        return group;
    }

    /// <summary>Runs a shell script in a session of its own, in a group if one is given.</summary>
    public Process Shell(string script, ControlGroup? group = null, IEnumerable<(string Name, string Value)>? environment = null)
    {
        var join = group is null ? "" : $"echo 0 > {group.JoinFile}; ";
        var start = new ProcessStartInfo("setsid") { ArgumentList = { "sh", "-c", join + script }, WorkingDirectory = Path };
        foreach (var (name, value) in environment ?? [])
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        _processes.Add(process);
        return process;
    }

    /// <summary>The number a script wrote into a file, once it is there.</summary>
    public async Task<int> PidInAsync(string name)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            if (File.Exists(At(name)) && int.TryParse((await File.ReadAllTextAsync(At(name), deadline.Token)).Trim(), out var pid))
                return pid;
            await Task.Delay(5, deadline.Token);
        }
    }

    public static bool IsAlive(int pid) => ProcFs.TryReadStat(pid) is { IsZombie: false };

    public ReclaimRequest Request(ProcessTree? tree = null) => new()
    {
        Service = "orders",
        Generation = 3,
        Tree = tree ?? new ProcessTree { Marker = [new("LIFELINE_TEST", Marker)] },
        OwnerUid = CurrentProcess.Uid,
        CommandFolder = Path,
        CommandEnvironment = new Dictionary<string, string> { ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin" },
    };

    public async Task<ReclaimResult> RunAsync(ReclaimRequest request)
    {
        using var runner = new ReclaimRunner();
        return await runner.RunAsync(request).WaitAsync(TimeSpan.FromSeconds(60));
    }

    public static void AssertStep(ReclaimResult result, ReclaimKind kind, string what, ReclaimOutcome outcome, string? reason = null)
    {
        var step = Assert.Single(result.Steps, s => s.Kind == kind && s.What == what);
        Assert.Equal(outcome, step.Outcome);
        if (reason is not null)
            Assert.Contains(reason, step.Reason, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }

        foreach (var group in _groups)
        {
            group.Kill();
            group.WaitEmpty(TimeSpan.FromSeconds(10));
            group.Remove();
        }

        Directory.Delete(Path, recursive: true);
    }
}
