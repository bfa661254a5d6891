namespace Lifeline.Ipc;

/// <summary>A named limit of this process does not allow it; nothing was done.</summary>
/// <remarks>
/// <see cref="IpcException.Error"/> is <see cref="IpcError.LimitReached"/>, or <see cref="IpcError.QueueFull"/> for a queue. Over the wire only that
/// number and the message travel: the caller of a handler that met a limit gets an <see cref="IpcException"/>.
/// </remarks>
public sealed class IpcLimitException : IpcException
{
    internal IpcLimitException(IpcError error, string setting, long limit, long value, string message)
        : base(error, message)
    {
        Setting = setting;
        Limit = limit;
        Value = value;
    }

    /// <summary>The property that sets the limit: of <see cref="IpcEndpointOptions"/>, or of <see cref="RegistryOptions"/> for a registry.</summary>
    public string Setting { get; }

    /// <summary>The limit.</summary>
    public long Limit { get; }

    /// <summary>What it would have become, in the unit of the limit.</summary>
    public long Value { get; }
}
