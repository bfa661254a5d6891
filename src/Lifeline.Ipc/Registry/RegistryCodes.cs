namespace Lifeline.Ipc.Registry;

/// <summary>The requests of a registry; docs/protocol/session.md has their data.</summary>
internal static class RegistryCodes
{
    /// <summary>name, stub → nothing.</summary>
    internal const uint Add = 1;

    /// <summary>name → stub; <see cref="IpcError.NotFound"/> if there is none.</summary>
    internal const uint Get = 2;

    /// <summary>name → stub or null.</summary>
    internal const uint Check = 3;

    /// <summary>name, int64 milliseconds → stub; <see cref="IpcError.Timeout"/> if it does not come.</summary>
    internal const uint WaitFor = 4;

    /// <summary>name → nothing.</summary>
    internal const uint Remove = 5;

    /// <summary>name to begin after (or "") → int32 count, names in order, boolean whether there are more.</summary>
    internal const uint List = 6;
}
