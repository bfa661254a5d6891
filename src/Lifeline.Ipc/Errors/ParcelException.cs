namespace Lifeline.Ipc;

/// <summary>A parcel refused an operation. The parcel is as it was before: no cursor moved, nothing was written.</summary>
public sealed class ParcelException : IpcException
{
    internal ParcelException(
        IpcError error,
        ParcelFault fault,
        string operation,
        long value,
        long limit,
        string message,
        Exception? innerException = null)
        : base(error, $"{operation}: {message}", innerException)
    {
        Fault = fault;
        Operation = operation;
        Value = value;
        Limit = limit;
    }

    /// <summary>Why it was refused.</summary>
    public ParcelFault Fault { get; }

    /// <summary>The method of <see cref="Parcel"/> that was called, such as <c>WriteInt32</c>.</summary>
    public string Operation { get; }

    /// <summary>The value that was wrong: a size, length, count or position in bytes, as the message says.</summary>
    public long Value { get; }

    /// <summary>What <see cref="Value"/> may be at most (at least, for a short read: what is left), in the same unit.</summary>
    public long Limit { get; }
}
