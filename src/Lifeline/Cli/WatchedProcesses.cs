using Lifeline.Linux;

namespace Lifeline.Cli;

/// <summary>Processes whose end is waited for, each by a pidfd so that a number cannot come to mean another process.</summary>
internal sealed class WatchedProcesses : IDisposable
{
    // Waits are cut into steps, so that Ctrl-C is heeded soon.
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);

    private readonly List<(string Name, int Pid, PidFd Handle)> processes = [];

    public bool AnyLiving => processes.Any(process => !process.Handle.HasExited);

    /// <summary>A process that is gone already is passed over.</summary>
    public void Watch(string name, int pid)
    {
        if (pid <= 0 || processes.Exists(process => process.Pid == pid)) return;
        try
        {
            processes.Add((name, pid, PidFd.Open(pid)));
        }
        catch (LinuxException e) when (e.Errno == Errno.ESRCH)
        {
            // It ended between being named and being looked at, which is what is wanted.
        }
    }

    public string DescribeLiving() =>
        string.Join(", ", processes.Where(process => !process.Handle.HasExited).Select(process => $"{process.Name} (pid {process.Pid})"));

    /// <summary>Waits until all of these names have ended; false if the time is over before.</summary>
    public async Task<bool> WaitAsync(IReadOnlyCollection<string> names, TimeSpan time, CancellationToken cancellation)
    {
        var handles = processes.Where(process => names.Contains(process.Name)).Select(process => process.Handle).ToArray();
        return await Task.Run(() => Wait(handles, time, cancellation), cancellation).ConfigureAwait(false);
    }

    public void Dispose()
    {
        foreach (var (_, _, handle) in processes) handle.Dispose();
    }

    private static bool Wait(PidFd[] handles, TimeSpan time, CancellationToken cancellation)
    {
        for (var waited = TimeSpan.Zero; waited < time;)
        {
            cancellation.ThrowIfCancellationRequested();
            var living = handles.Where(handle => !handle.HasExited).ToArray();
            if (living.Length == 0) return true;
            // One is enough to wake for: the others are looked at again above.
            Span<PollItem> items = [new PollItem { Descriptor = living[0], Events = PollEvents.In }];
            if (Poller.Poll(items, (int)Step.TotalMilliseconds) == 0) waited += Step;
        }
        return handles.All(handle => handle.HasExited);
    }
}
