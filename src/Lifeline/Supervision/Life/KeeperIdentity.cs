namespace Lifeline.Supervision;

/// <summary>Which process the keeper is now. Safe for any thread.</summary>
internal sealed class KeeperIdentity(int pid)
{
    private volatile int _pid = pid;

    public int Pid
    {
        get => _pid;
        set => _pid = value;
    }
}
