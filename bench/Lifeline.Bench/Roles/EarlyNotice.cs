using Lifeline.Ipc;

namespace Lifeline.Bench.Roles;

/// <summary>The place for the notice that comes before the kernel has taken the dying process apart.</summary>
internal static class EarlyNotice
{
    /// <summary>Whether the kit gives such a notice.</summary>
    internal static bool IsOffered => false;

    internal static DeathRegistration Add(IpcProxy proxy, Action<DeathNotice> recipient) =>
        throw new NotSupportedException("the kit gives no early notice of a death");
}
