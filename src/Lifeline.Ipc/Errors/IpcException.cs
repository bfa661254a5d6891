namespace Lifeline.Ipc;

/// <summary>A call, a parcel or a session failed; <see cref="Error"/> says how.</summary>
/// <remarks>A handler throws this to answer an error: the caller gets the same <see cref="Error"/>.</remarks>
public class IpcException : Exception
{
    /// <summary>Makes an exception with a message of its own.</summary>
    /// <param name="error">The error number.</param>
    /// <param name="message">What was wrong, with the value, the limit and the setting that changes it.</param>
    public IpcException(IpcError error, string message)
        : base(message) => Error = error;

    /// <summary>Makes an exception that was caused by another.</summary>
    /// <param name="error">The error number.</param>
    /// <param name="message">What was wrong, with the value, the limit and the setting that changes it.</param>
    /// <param name="innerException">The cause.</param>
    public IpcException(IpcError error, string message, Exception? innerException)
        : base(message, innerException) => Error = error;

    /// <summary>The error number, as it travels in a reply.</summary>
    public IpcError Error { get; }
}
