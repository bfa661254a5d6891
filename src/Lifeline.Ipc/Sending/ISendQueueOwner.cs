namespace Lifeline.Ipc.Sending;

/// <summary>What a send queue needs of its session. Called under the queue's gate: implementations only note or schedule.</summary>
internal interface ISendQueueOwner
{
    /// <summary>The error for whoever uses the session after its end.</summary>
    IpcException Dead();

    /// <summary>The transport is full: call <see cref="SendQueue.Continue"/> when it has room.</summary>
    void WantsRoom();

    /// <summary>Less than half of the limit waits.</summary>
    void Relieved();

    /// <summary>The peer does not read: the session is to be closed.</summary>
    void Overflow(long bytes);

    /// <summary>The kernel refused a record that had been queued.</summary>
    void Refused(OutRecord record, IpcException error);

    /// <summary>A queued record was withdrawn.</summary>
    void NotSent(OutgoingObjects objects);
}
