using System.Diagnostics.CodeAnalysis;
using Lifeline.Ipc.Calls;

namespace Lifeline.Ipc;

/// <summary>A handle on a stub that does not keep it alive. Thread-safe.</summary>
/// <remarks>
/// It can be made a proxy again as long as another proxy of this process stands for the stub (for a stub of this process: as long
/// as the stub itself is in use). After that it never can, even if the same stub arrives once more.
/// </remarks>
public sealed class WeakProxy
{
    private readonly IWeakTarget _target;

    internal WeakProxy(IWeakTarget target) => _target = target;

    /// <summary>Makes it a proxy again.</summary>
    /// <param name="proxy">A new proxy, which the caller disposes; null if the stub was given back or its home is gone.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryPromote([NotNullWhen(true)] out IpcProxy? proxy)
    {
        ProxyTarget? target = _target.TryHold();
        proxy = target is null ? null : new IpcProxy(target);
        return proxy is not null;
    }
}
