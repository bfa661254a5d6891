using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>A pre-started process that waits to become a service.</summary>
internal sealed class Launcher(int index, int epoch, UnixSocket socket, SpawnedProcess process, long startTime, string[] groups)
{
    public int Index { get; } = index;

    public int Epoch { get; } = epoch;

    public UnixSocket Socket { get; } = socket;

    public PidFd PidFd { get; } = process.PidFd;

    public int Pid { get; } = process.Pid;

    public long StartTime { get; } = startTime;

    /// <summary>Paths of the control groups that it makes and joins before it is ready, the main one first.</summary>
    public string[] Groups { get; } = groups;

    /// <summary>Path of the main one; null if there are none.</summary>
    public string? Group => Groups.Length > 0 ? Groups[0] : null;

    /// <summary>The connected monitor holds its pidfd. Only then may it get an order: should the keeper die, the monitor can make sure of its end.</summary>
    public bool Announced { get; set; }

    /// <summary>It has said that it waits.</summary>
    public bool Ready { get; set; }

    /// <summary>It has said that it cannot wait, and is about to end: it must not get an order.</summary>
    public bool IsUnfit { get; set; }

    /// <summary>Its next act is exec.</summary>
    public bool Executing { get; set; }

    /// <summary>It has got its order, the only one of its life.</summary>
    public bool Used { get; set; }

    /// <summary>What it was given and has neither executed nor failed yet.</summary>
    public Instance? Instance { get; set; }

    /// <summary>By when it must have reached exec.</summary>
    public long Deadline { get; set; }
}
