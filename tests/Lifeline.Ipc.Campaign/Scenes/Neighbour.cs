using System.Collections;
using Lifeline.Linux;

namespace Lifeline.Ipc.Campaign.Scenes;

/// <summary>Another process. Killed and reaped at the end of its scene.</summary>
internal sealed class Neighbour : IDisposable
{
    private const int EndMilliseconds = 60_000;

    private readonly SpawnedProcess _process;
    private bool _reaped;

    private Neighbour(SpawnedProcess process) => _process = process;

    internal int Pid => _process.Pid;

    /// <summary>A bad neighbour in the part that the arguments name.</summary>
    internal static Neighbour Hostile(params string[] arguments) => Hostile([], arguments);

    internal static Neighbour Hostile((Descriptor Source, int Target)[] descriptors, string[] arguments) =>
        Start(HostileProgram, descriptors, arguments);

    internal static Neighbour Start(string program, (Descriptor Source, int Target)[] descriptors, string[] arguments) =>
        new(ProcessSpawner.Spawn(new SpawnRequest
        {
            Path = program,
            Arguments = [program, .. arguments],
            Descriptors = descriptors,
            // Many are started; most live for a moment.
            Environment = ["DOTNET_TieredPGO=0", "DOTNET_gcConcurrent=0", .. Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(e => $"{e.Key}={e.Value}")],
        }));

    internal static string HostileProgram => Beside("Lifeline.Ipc.Hostile");

    internal void Signal(int number) => _process.PidFd.Signal(number);

    internal bool IsOver => _process.PidFd.HasExited;

    /// <summary>Waits for its end without blocking a worker.</summary>
    internal Task<ExitStatus> EndAsync(int milliseconds = EndMilliseconds) => Task.Factory.StartNew(
        () =>
        {
            Span<PollItem> items = [new PollItem(_process.PidFd, PollEvents.In)];
            CampaignException.Unless(Poller.Poll(items, milliseconds) > 0, $"process {Pid} did not end within {milliseconds} ms");
            _reaped = true;
            return _process.PidFd.TryReap()!.Value;
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    public void Dispose()
    {
        if (!_reaped)
        {
            _process.PidFd.TrySignal(Signals.Kill);
            Span<PollItem> items = [new PollItem(_process.PidFd, PollEvents.In)];
            Poller.Poll(items, EndMilliseconds);
            _process.PidFd.TryReap();
        }

        _process.Dispose();
    }

    /// <summary>The program of a project that is built beside this one.</summary>
    private static string Beside(string project)
    {
        string own = AppContext.BaseDirectory;
        return System.IO.Path.Combine(own.Replace("Lifeline.Ipc.Campaign", project, StringComparison.Ordinal), project);
    }
}
