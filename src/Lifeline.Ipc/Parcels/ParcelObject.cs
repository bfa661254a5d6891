namespace Lifeline.Ipc;

/// <summary>An entry of a parcel's object table: what a record in the data stands for.</summary>
/// <param name="Offset">Where its record of <see cref="RecordSize"/> bytes begins in the data.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Payload">The IpcStub, IpcProxy or Descriptor, owned by the parcel; null for a null reference.</param>
internal readonly record struct ParcelObject(int Offset, ParcelObjectKind Kind, object? Payload)
{
    /// <summary>Bytes that an object takes in the data.</summary>
    internal const int RecordSize = 24;

    /// <summary>The first byte after the record.</summary>
    internal int End => Offset + RecordSize;
}
