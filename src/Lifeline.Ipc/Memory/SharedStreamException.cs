namespace Lifeline.Ipc;

/// <summary>A shared stream ended with an error. It stays ended.</summary>
public sealed class SharedStreamException : IOException
{
    internal SharedStreamException(SharedStreamFault fault, string message)
        : base(message) => Fault = fault;

    /// <summary>Why.</summary>
    public SharedStreamFault Fault { get; }
}
