using Lifeline.Ipc;

namespace Lifeline.Bench.Roles;

/// <summary>The options of all endpoints here: the kit's own, but many children start at once, perhaps on a busy machine.</summary>
internal static class Patience
{
    internal static IpcEndpointOptions Options => new() { HandshakeTimeout = TimeSpan.FromSeconds(60) };
}
