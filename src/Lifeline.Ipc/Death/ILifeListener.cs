namespace Lifeline.Ipc.Death;

/// <summary>Whoever wants to know early that a process ends. Called on a thread that others' notices wait for: must be quick.</summary>
internal interface ILifeListener
{
    /// <summary>The process is ending: once, and nothing after it.</summary>
    void OnPeerDying();

    /// <summary>There will be no early notice of this process.</summary>
    void OnNoEarlyNotice(string why);
}
