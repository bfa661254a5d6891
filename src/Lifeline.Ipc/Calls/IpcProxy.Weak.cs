namespace Lifeline.Ipc;

// Handles that keep nothing alive.
public sealed partial class IpcProxy
{
    /// <summary>A handle on the same stub that does not keep it: the home may let go of the stub when the last proxy is disposed.</summary>
    /// <returns>A weak proxy; it need not be disposed.</returns>
    /// <exception cref="ObjectDisposedException">The proxy is disposed.</exception>
    public WeakProxy ToWeak()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new WeakProxy(_target.ToWeak());
    }
}
