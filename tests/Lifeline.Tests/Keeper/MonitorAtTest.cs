using System.Collections.Concurrent;
using Lifeline.Keeper;
using Lifeline.Linux;

namespace Lifeline.Tests.Keeper;

/// <summary>A monitor that a keeper started, as the test plays it: its link is here, its process is a shell of it.</summary>
internal sealed class MonitorAtTest : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly UnixSocket control;
    private readonly BlockingCollection<KeeperMessage> heard = [];
    private readonly List<KeeperMessage> seen = [];
    private bool isClosed;

    public MonitorAtTest(UnixSocket control, KeeperRestarter? restarter, bool connect)
    {
        this.control = control;
        byte[] pid = new byte[4];
        ReceivedMessage introduction = control.Receive(pid);
        Pid = BitConverter.ToInt32(pid);
        Socket = UnixSocket.FromDescriptor(introduction.Descriptors[0]);
        introduction.Descriptors[0].Dispose();
        if (restarter is null) introduction.Descriptors[1].Dispose();
        else restarter.HoldLock(introduction.Descriptors[1]);
        if (!connect) return;
        Link = KeeperLink.Connect(Socket, restarter, Patience);
        Link.Start(heard.Add);
    }

    public int Pid { get; }

    /// <summary>The bare socket; only for monitors that were not connected.</summary>
    public UnixSocket Socket { get; }

    public KeeperLink Link { get; } = null!;

    /// <summary>Waits for the next message of a type that fits; others are kept for later.</summary>
    public T Expect<T>(Func<T, bool>? fits = null)
        where T : KeeperMessage
    {
        foreach (KeeperMessage earlier in seen)
        {
            if (earlier is not T match || !(fits?.Invoke(match) ?? true)) continue;
            seen.Remove(earlier);
            return match;
        }

        while (heard.TryTake(out KeeperMessage? message, Patience))
        {
            if (message is T match && (fits?.Invoke(match) ?? true)) return match;
            seen.Add(message);
        }

        throw new TimeoutException($"no {typeof(T).Name} came; heard: {string.Join(", ", seen)}");
    }

    public LaunchedMessage Launch(LaunchJob job)
    {
        long id = Link.Launch(job);
        KeeperMessage outcome = Expect<KeeperMessage>(message => message is LaunchedMessage l && l.RequestId == id || message is LaunchFailedMessage f && f.RequestId == id);
        return outcome as LaunchedMessage ?? throw new InvalidOperationException(outcome.ToString());
    }

    public LaunchFailedMessage FailToLaunch(LaunchJob job)
    {
        long id = Link.Launch(job);
        return Expect<LaunchFailedMessage>(message => message.RequestId == id);
    }

    /// <summary>Closes the link without ending the process.</summary>
    public void CloseLink()
    {
        isClosed = true;
        Link.Dispose();
    }

    /// <summary>From now on the link starts no keeper.</summary>
    public void EndRestarts()
    {
        if (Link is not null && !isClosed) Link.Finish(0);
    }

    /// <summary>The process exits with this code.</summary>
    public void Exit(byte code) => control.Send([code]);

    public void Kill()
    {
        using PidFd? process = PidFd.TryOpen(Pid);
        process?.TrySignal(Signals.Kill);
    }

    public void Dispose()
    {
        Link?.Dispose();
        Socket.Dispose();
        control.Dispose();
        heard.Dispose();
    }
}
