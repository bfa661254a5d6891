namespace Lifeline.Ipc;

/// <summary>A part of a handler that acts as the process itself: <see cref="CallContext.ClearIdentity"/>. Dispose it once, in the method that made it.</summary>
public readonly struct IdentityScope : IDisposable, IEquatable<IdentityScope>
{
    private readonly CallContext? _before;

    internal IdentityScope(CallContext? before) => _before = before;

    /// <summary>Whether two scopes put the same identity back.</summary>
    public static bool operator ==(IdentityScope left, IdentityScope right) => left.Equals(right);

    /// <summary>Whether two scopes put different identities back.</summary>
    public static bool operator !=(IdentityScope left, IdentityScope right) => !left.Equals(right);

    /// <summary>Puts the identity back that was there before the scope.</summary>
    public void Dispose() => CallContext.RestoreIdentity(_before);

    /// <inheritdoc/>
    public bool Equals(IdentityScope other) => _before == other._before;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is IdentityScope other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _before?.GetHashCode() ?? 0;
}
