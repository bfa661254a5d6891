namespace Lifeline.Ipc.Tests.Fixtures;

/// <summary>What the conformance suites run over.</summary>
public enum TransportKind
{
    Memory,
    Socket,
    Ring,
}
