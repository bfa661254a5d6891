namespace Lifeline.Monitor.Tests.Simulation;

/// <summary>A process of the simulated machine: the main one of a generation, or one of its tree.</summary>
internal sealed class SimulatedProcess(string service, int generation, int pid, bool isMain)
{
    public string Service { get; } = service;

    public int Generation { get; } = generation;

    public int Pid { get; } = pid;

    /// <summary>The keeper watches it for the generation's end.</summary>
    public bool IsMain { get; set; } = isMain;

    public bool IsAlive { get; set; } = true;

    public bool IgnoresStop { get; init; }

    public bool NeverReady { get; init; }

    public bool IsHung { get; set; }

    /// <summary>Stuck in the kernel until then: not even KILL ends it.</summary>
    public long StuckUntil { get; set; }

    public long Session { get; set; }

    public int SessionEpoch { get; set; } = -1;

    /// <summary>It has said that all is well and only beats from now on, to the monitor of this epoch.</summary>
    public bool IsCalm { get; set; }

    public int CalmEpoch { get; set; }

    public long Sequence { get; set; }
}
