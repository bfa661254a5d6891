using Lifeline.Contracts;

namespace Lifeline.Client;

/// <summary>A claim that ends when it is disposed, once.</summary>
internal sealed class ReporterClaim(ClaimSet claims, ClaimKind kind, string what) : IDisposable
{
    private int _isDisposed;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            claims.Remove(kind, what);
    }
}
