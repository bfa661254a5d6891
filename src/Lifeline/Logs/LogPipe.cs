using Lifeline.Linux;

namespace Lifeline.Logs;

/// <summary>
/// One stream of one slot of a service: its pipe, and how it fares. The files are the service's: two slots share them. Used by the collector's
/// thread only.
/// </summary>
internal sealed class LogPipe : IDisposable
{
    public LogPipe(ulong tag, ServiceLog service, string slot, int generation, Descriptor pipe, LogWriter writer)
    {
        Tag = tag;
        Service = service;
        Slot = slot;
        Generation = generation;
        Pipe = pipe;
        Writer = writer;
    }

    public ulong Tag { get; }

    public ServiceLog Service { get; }

    /// <summary>The key of the slot whose generations write into it.</summary>
    public string Slot { get; }

    /// <summary>The one that writes now.</summary>
    public int Generation { get; set; }

    public Descriptor Pipe { get; }

    public LogWriter Writer { get; }

    /// <summary>Whether the epoll watches it.</summary>
    public bool Watched { get; set; }

    /// <summary>The other side is gone for good.</summary>
    public bool Ended { get; set; }

    public long Kept { get; set; }

    public long Lost { get; set; }

    /// <summary>Bytes thrown away of which the log does not tell yet.</summary>
    public long Untold { get; set; }

    /// <summary>Bytes thrown away of which no event tells yet.</summary>
    public long Unreported { get; set; }

    /// <summary>When the last event told of a loss; timestamp.</summary>
    public long ReportedAt { get; set; }

    public long Failures { get; set; }

    public string? Error { get; set; }

    /// <summary>When writing began to fail; timestamp.</summary>
    public long FailingSince { get; set; }

    /// <summary>When it is tried again; timestamp.</summary>
    public long RetryAt { get; set; }

    /// <summary>Since when it has something to say and may not, because a line of the other slot is not ended; timestamp, 0: it may.</summary>
    public long WaitsSince { get; set; }

    /// <summary>When the file was last looked at; timestamp.</summary>
    public long CheckedAt { get; set; }

    public void Dispose() => Pipe.Dispose();
}
