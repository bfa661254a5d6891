using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>Where an instance stands.</summary>
internal enum InstanceState
{
    /// <summary>The entry is unused.</summary>
    Free,

    /// <summary>Accepted; no launcher has its order yet.</summary>
    Waiting,

    /// <summary>A launcher has the order.</summary>
    Launching,

    /// <summary>The service's program was executed, or the process was adopted.</summary>
    Living,

    /// <summary>Dead; kept until the monitor acknowledges.</summary>
    Ended,

    /// <summary>The launch failed or was refused; kept until a monitor was told.</summary>
    Failed,
}

/// <summary>One entry of the <see cref="InstanceTable"/>; entries are used again, <see cref="Epoch"/> tells uses apart.</summary>
internal sealed class Instance(int index)
{
    public int Index { get; } = index;

    public int Epoch { get; set; }

    public InstanceState State { get; set; }

    public string Slot { get; set; } = "";

    public int Generation { get; set; }

    public long RequestId { get; set; }

    public int Pid { get; set; }

    public long StartTime { get; set; }

    public PidFd? PidFd { get; set; }

    /// <summary>We can reap it. An adopted process has another parent.</summary>
    public bool IsChild { get; set; }

    public long ExecAt { get; set; }

    /// <summary>Path of its control group: the one of its launcher; null if it has none or another.</summary>
    public string? Group { get; set; }

    public ExitStatus? Exit { get; set; }

    public long ExitAt { get; set; }

    /// <summary>The end of the wait for the exit status of an adopted process; 0 if none.</summary>
    public long ExitDeadline { get; set; }

    /// <summary>The connected monitor knows that it lives.</summary>
    public bool StartAnnounced { get; set; }

    /// <summary>The connected monitor knows that it ended.</summary>
    public bool EndAnnounced { get; set; }

    /// <summary>Its launcher runs a command before the start, and the connected monitor was not told yet.</summary>
    public bool PreparingUnsent { get; set; }

    /// <summary>Nanoseconds that the command before its start took.</summary>
    public long PreparedFor { get; set; }

    /// <summary>It was adopted by an order whose answer is not sent yet.</summary>
    public bool AdoptionUnanswered { get; set; }

    public LaunchStep Step { get; set; }

    public Errno Error { get; set; }

    public string Text { get; set; } = "";

    /// <summary>The order, while it waits for a launcher.</summary>
    public byte[]? Order { get; set; }

    /// <summary>A dead process needs none.</summary>
    public void DropPidFd()
    {
        PidFd?.Dispose();
        PidFd = null;
    }

    public void Clear()
    {
        DropPidFd();
        Epoch++;
        State = InstanceState.Free;
        Slot = Text = "";
        Generation = Pid = 0;
        PreparedFor = RequestId = StartTime = ExecAt = ExitAt = ExitDeadline = 0;
        PreparingUnsent = IsChild = StartAnnounced = EndAnnounced = AdoptionUnanswered = false;
        Exit = null;
        Group = null;
        Step = 0;
        Error = 0;
        Order = null;
    }
}
