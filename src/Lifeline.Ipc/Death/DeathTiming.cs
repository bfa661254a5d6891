namespace Lifeline.Ipc;

/// <summary>When a death recipient is to be called.</summary>
public enum DeathTiming
{
    /// <summary>At the end of the data: everything that the peer sent has arrived, what waited for a reply has failed.</summary>
    Ordinary,

    /// <summary>
    /// As soon as the kernel begins to end the peer's process, before it takes its memory down; that can be much earlier if the
    /// process is large. Replies and one-way calls that it had sent may still arrive. Where there is no early notice, at the ordinary time.
    /// </summary>
    Early,
}
