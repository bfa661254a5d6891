using Lifeline.Ipc;
using Lifeline.Linux;

namespace Lifeline.Contracts;

/// <summary>A reporter that makes itself known. Whoever receives it owns what it holds, and disposes it when the session ends.</summary>
public sealed class RegistrationRequest : IDisposable
{
    /// <summary>The service that the reporter believes to be, from its environment: no proof.</summary>
    public string? Service { get; init; }

    /// <summary>The generation that it believes to be, from its environment: no proof.</summary>
    public int? Generation { get; init; }

    /// <summary>The reporter's own stub: add a death recipient to it, and ask it to stop through <see cref="MonitoredServiceProxy"/>.</summary>
    public required IpcProxy Reporter { get; init; }

    /// <summary>A memfd with a <see cref="Contracts.StatusSlot"/>; null if the reporter has none. Check its seals and size before mapping it.</summary>
    public Descriptor? StatusSlot { get; init; }

    /// <summary>Gives up the proxy and the descriptor.</summary>
    public void Dispose()
    {
        Reporter.Dispose();
        StatusSlot?.Dispose();
    }
}
