using System.Collections;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Fixtures;

/// <summary>Another process of a test: this program again, in the part that its arguments name. Killed and reaped with the test.</summary>
internal sealed class OtherProcess : IDisposable
{
    internal const string Marker = "--other-process";

    private readonly SpawnedProcess _process;

    private OtherProcess(SpawnedProcess process) => _process = process;

    internal int Pid => _process.Pid;

    internal static OtherProcess Start(params string[] arguments) => Start([], arguments);

    /// <summary>Starts it with descriptors at the numbers that it knows.</summary>
    internal static OtherProcess Start((Descriptor Source, int Target)[] descriptors, string[] arguments)
    {
        string program = Environment.ProcessPath!;
        return new OtherProcess(ProcessSpawner.Spawn(new SpawnRequest
        {
            Path = program,
            Arguments = [program, Marker, .. arguments],
            Descriptors = descriptors,
            Environment = Variables(),
        }));
    }

    /// <summary>The environment of this process.</summary>
    internal static string[] Variables() => [.. Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(e => $"{e.Key}={e.Value}")];

    internal void Kill() => _process.PidFd.TrySignal(9);

    /// <summary>Waits for its end, without a deadline of its own: it is killed or asked to end before.</summary>
    internal ExitStatus Reap()
    {
        Span<PollItem> items = [new PollItem(_process.PidFd, PollEvents.In)];
        Assert.True(Poller.Poll(items, (int)Deadline.Limit.TotalMilliseconds) > 0, "the other process did not end");
        return _process.PidFd.TryReap()!.Value;
    }

    public void Dispose()
    {
        Kill();
        Span<PollItem> items = [new PollItem(_process.PidFd, PollEvents.In)];
        Poller.Poll(items, (int)Deadline.Limit.TotalMilliseconds);
        _process.PidFd.TryReap();
        _process.Dispose();
    }
}
