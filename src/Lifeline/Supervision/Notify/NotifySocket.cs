using Lifeline.Linux;

namespace Lifeline.Supervision;

/// <summary>The notify socket of one service, and who may speak through it. Its fields are guarded by <see cref="Gate"/>, so that messages stay in order.</summary>
internal sealed class NotifySocket(string service, UnixSocket socket, ulong tag, int generation)
{
    public string Service => service;

    public UnixSocket Socket => socket;

    /// <summary>Tells it from all others that were ever watched.</summary>
    public ulong Tag => tag;

    public Lock Gate { get; } = new();

    public NotifyInbox Inbox { get; } = new(service);

    /// <summary>The generation whose messages arrive now, where the sender itself is gone and cannot be asked.</summary>
    public int Generation { get; private set; } = generation;

    public NotifyAccess Access { get; set; }

    /// <summary>Whose processes it was made for.</summary>
    public uint Owner { get; private set; } = CurrentProcess.Uid;

    /// <summary>The next generation is about to start; everything older was taken out before.</summary>
    public void Begin(int next, uint owner)
    {
        Generation = next;
        Owner = owner;
        Access = NotifyAccess.All;
    }

    /// <summary>Whether somebody of this user counts without being looked at, because he could do worse to the service.</summary>
    public bool IsOpenTo(uint uid) => uid == 0 || uid == Owner || uid == CurrentProcess.Uid;
}
