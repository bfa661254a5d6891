namespace Lifeline.Ipc;

/// <summary>The ranges into which the numbers of <see cref="IpcError"/> fall.</summary>
public static class IpcErrorRanges
{
    /// <summary>The first number that a service's handler may define for itself: 1909000.</summary>
    public const int UserMin = 1_909_000;

    /// <summary>The last number that a service's handler may define for itself: 1909999.</summary>
    public const int UserMax = 1_909_999;

    /// <summary>Whether <paramref name="error"/> is one that a service defines for itself.</summary>
    /// <param name="error">Any error number.</param>
    public static bool IsUserDefined(IpcError error) => (int)error is >= UserMin and <= UserMax;

    /// <summary>Whether <paramref name="error"/> is one of the IPC Kit's own, 1901000 to 1901007.</summary>
    /// <param name="error">Any error number.</param>
    public static bool IsKit(IpcError error) => error is >= IpcError.CheckParam and <= IpcError.Inner;
}
