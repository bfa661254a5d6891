namespace Lifeline.Ipc;

/// <summary>
/// An error as part of a parcel's data: for replies that carry an error of the service and data beside it, and for parcels that are stored.
/// (An error that replaces the reply is simply thrown by the handler.)
/// </summary>
/// <remarks>An int32: 0 for no error, else its number followed by a string with the message.</remarks>
public static class ParcelErrors
{
    /// <summary>The bytes of UTF-8 of a message that travel; a longer one is cut off: 4096.</summary>
    public const int MaxMessageBytes = 4096;

    /// <summary>Writes that there is no error: an int32 of 0.</summary>
    /// <param name="parcel">Where to write.</param>
    /// <exception cref="ParcelException">The parcel is full or read-only.</exception>
    public static void WriteNoException(this Parcel parcel)
    {
        ArgumentNullException.ThrowIfNull(parcel);
        parcel.WriteInt32(0);
    }

    /// <summary>Writes an error.</summary>
    /// <param name="parcel">Where to write.</param>
    /// <param name="error">Its number and message.</param>
    /// <exception cref="ParcelException">The parcel is full or read-only.</exception>
    /// <exception cref="ArgumentException">Its number is 0, which means no error.</exception>
    public static void WriteException(this Parcel parcel, IpcException error)
    {
        ArgumentNullException.ThrowIfNull(parcel);
        ArgumentNullException.ThrowIfNull(error);
        if (error.Error == IpcError.None)
            throw new ArgumentException("Error number 0 means that there is none: WriteNoException.", nameof(error));
        int start = parcel.WritePosition;
        parcel.WriteInt32((int)error.Error);
        bool written = false;
        try
        {
            parcel.WriteUtf8String(Text(error.Message));
            written = true;
        }
        finally
        {
            if (!written)
                parcel.RewindWrite(start);
        }
    }

    /// <summary>Reads what <see cref="WriteNoException"/> or <see cref="WriteException"/> wrote: returns if there is no error, and throws it if there is one.</summary>
    /// <param name="parcel">Where to read.</param>
    /// <exception cref="IpcException">The error that was written.</exception>
    /// <exception cref="ParcelException">Neither was written at the read position, which stays.</exception>
    public static void ReadException(this Parcel parcel)
    {
        ArgumentNullException.ThrowIfNull(parcel);
        int start = parcel.ReadPosition;
        int number = parcel.ReadInt32();
        if (number == 0)
            return;
        string? message = null;
        try
        {
            message = parcel.ReadString();
        }
        finally
        {
            if (message is null)
                parcel.RewindRead(start);
        }

        throw new IpcException((IpcError)number, message);
    }

    // A message may hold what a string of a parcel cannot: halves of surrogate pairs become U+FFFD, NULs spaces.
    private static byte[] Text(string message)
    {
        byte[] text = Protocol.Goodbye.Text(message);
        text.AsSpan().Replace((byte)0, (byte)' ');
        return text;
    }
}
