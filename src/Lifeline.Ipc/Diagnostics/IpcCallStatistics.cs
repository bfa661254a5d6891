namespace Lifeline.Ipc;

/// <summary>What one peer asked of one stub with one request code: <see cref="IpcEndpoint.GetStatistics"/>.</summary>
/// <remarks>Figures of a moment, read without stopping anything: those of a call that is under way may be in part there already.</remarks>
public sealed record IpcCallStatistics
{
    /// <summary>The calling process as the kernel knows it; null for the sum over sessions that have ended.</summary>
    public required CallerIdentity? Peer { get; init; }

    /// <summary>The session's number in its endpoint; 0 for the sum over sessions that have ended.</summary>
    public required long SessionId { get; init; }

    /// <summary>The stub's interface; empty for what has no row of its own, see <see cref="IpcEndpointOptions.MaxStatisticsRows"/>.</summary>
    public required string Descriptor { get; init; }

    /// <summary>The request code, also of the kit's own requests; 0 for what has no row of its own.</summary>
    public required uint Code { get; init; }

    /// <summary>Requests that arrived: calls and one-way calls.</summary>
    public required long Requests { get; init; }

    /// <summary>Of these, how many ended with an error (also those without a reply), refusals among them.</summary>
    public required long Errors { get; init; }

    /// <summary>Of the errors, how many <see cref="IpcStub.Permissions"/> refused.</summary>
    public required long Refused { get; init; }

    /// <summary>Bytes of the requests' records.</summary>
    public required long BytesIn { get; init; }

    /// <summary>Bytes of the replies' records, errors not counted.</summary>
    public required long BytesOut { get; init; }

    /// <summary>How long the handlers took in all, waiting included; zero unless <see cref="IpcEndpointOptions.TimeHandlers"/> is set.</summary>
    public required TimeSpan HandlerTime { get; init; }

    /// <summary>How long the slowest one took; zero unless <see cref="IpcEndpointOptions.TimeHandlers"/> is set.</summary>
    public required TimeSpan MaxHandlerTime { get; init; }
}
