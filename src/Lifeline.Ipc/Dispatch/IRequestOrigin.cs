namespace Lifeline.Ipc.Dispatch;

/// <summary>Where a request came from and its answer goes to.</summary>
internal interface IRequestOrigin
{
    /// <summary>Where its work waits for a worker; null for the thread pool.</summary>
    WorkerLane? Lane { get; }

    /// <summary>Keeps a call back for later, if its reply could not be sent now.</summary>
    bool TryHold(InboundRequest request);

    /// <summary>Sends the reply. The parcel still belongs to the caller.</summary>
    void Answer(InboundRequest request, Parcel reply);

    /// <summary>Sends an error instead.</summary>
    void AnswerError(InboundRequest request, IpcException error);

    /// <summary>The request is done with: it no longer counts.</summary>
    void Handled(InboundRequest request);
}
