namespace Lifeline.Ipc;

// On whose behalf code acts.
public sealed partial class CallContext
{
    private static readonly AsyncLocal<CallContext?> s_cleared = new();

    /// <summary>
    /// On whose behalf this code acts: the caller inside a handler, this process itself outside of one and inside a scope of
    /// <see cref="ClearIdentity"/>. It follows awaits. What deep code that knows no <see cref="CallContext"/> asks before it does something.
    /// </summary>
    public static CallerIdentity CallingIdentity =>
        Current is { } context && s_cleared.Value != context ? context.Caller : CallerIdentity.Self;

    /// <summary>
    /// From here on this handler acts as the process itself, until the scope is disposed. (Calls to other processes always
    /// carry this process's identity, in such a scope and outside: the kernel says who calls.)
    /// </summary>
    /// <returns>The scope; its disposal puts the identity back that was there before. Scopes may lie inside each other.</returns>
    /// <remarks>Outside of a handler it changes nothing. A call from another process that comes in meanwhile on the same thread has its own caller.</remarks>
    public static IdentityScope ClearIdentity()
    {
        var scope = new IdentityScope(s_cleared.Value);
        s_cleared.Value = Current;
        return scope;
    }

    internal static void RestoreIdentity(CallContext? cleared) => s_cleared.Value = cleared;
}
