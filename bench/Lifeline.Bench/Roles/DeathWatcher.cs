using Lifeline.Bench.Measuring;
using Lifeline.Ipc;

namespace Lifeline.Bench.Roles;

/// <summary>Learns of victims by a call in which each hands over a stub, and notes when the recipient runs. Also takes what a crowd sends.</summary>
internal sealed class DeathWatcher(DeathTiming timing) : SynchronousStub("bench.IDeathWatcher")
{
    internal const uint Introduce = 100;
    private readonly SemaphoreSlim _died = new(0);
    private long _at;

    internal static int Run(string path, string kind)
    {
        Linux.CurrentProcess.RaiseDescriptorLimit();
        var stub = new DeathWatcher(kind == "early" ? DeathTiming.Early : DeathTiming.Ordinary);
        using var serving = new Served(path, stub, CrowdStub.Options);
        return Role.Serve(stub.Answer);
    }

    /// <summary>Answers "wait"; the victim has introduced itself by then.</summary>
    internal string Answer(string[] words)
    {
        if (!_died.Wait(TimeSpan.FromSeconds(30)))
            throw new TimeoutException("no recipient was called");
        return $"at={Volatile.Read(ref _at)}";
    }

    protected override void OnRequest(uint code, Parcel data, Parcel reply, CallContext context)
    {
        if (code == Introduce)
        {
            IpcProxy victim = data.ReadProxy()!;
            victim.AddDeathRecipient(Died, timing);
        }
    }

    private void Died(DeathNotice notice)
    {
        Volatile.Write(ref _at, Role.Now);
        _died.Release();
        // Not here: the recipient's thread tells others of their deaths too.
        ThreadPool.QueueUserWorkItem(static proxy => proxy.Dispose(), notice.Proxy, preferLocal: false);
    }
}
