using System.Diagnostics.CodeAnalysis;

namespace Lifeline.Ipc;

/// <summary>The errors of a parcel, worded in one place.</summary>
internal static class ParcelThrow
{
    [DoesNotReturn]
    internal static void TooLarge(string operation, long need) =>
        throw new ParcelException(
            IpcError.ParcelWrite, ParcelFault.TooLarge, operation, need, Parcel.MaxDataSize,
            $"the parcel would hold {need} bytes, the limit is {Parcel.MaxDataSize} (Parcel.MaxDataSize, fixed by the format); pass larger data as a memory file.");

    [DoesNotReturn]
    internal static void ReadOnly(string operation) =>
        throw new ParcelException(
            IpcError.ParcelWrite, ParcelFault.ReadOnly, operation, 0, 0,
            "this parcel was received and can only be read; write into a new one.");

    [DoesNotReturn]
    internal static void ShortRead(string operation, long need, long left) =>
        throw new ParcelException(
            IpcError.ParcelRead, ParcelFault.ShortRead, operation, need, left,
            $"needs {need} bytes, {left} are left to read.");

    [DoesNotReturn]
    internal static void Overlap(string operation, int start, int length, int offset) =>
        throw new ParcelException(
            IpcError.ParcelRead, ParcelFault.ObjectOverlap, operation, start, offset,
            $"the {length} bytes at {start} overlap the object at {offset}; objects are read by ReadStub, ReadProxy or ReadDescriptor.");

    [DoesNotReturn]
    internal static void NoObject(string operation, int position) =>
        throw new ParcelException(
            IpcError.ParcelRead, ParcelFault.NoObject, operation, position, 0,
            $"no object was written at position {position}.");

    [DoesNotReturn]
    internal static void WrongKind(string operation, int position, ParcelObjectKind found) =>
        throw new ParcelException(
            IpcError.ParcelRead, ParcelFault.WrongObjectKind, operation, position, 0,
            $"the object at position {position} is of another kind: {found}.");

    [DoesNotReturn]
    internal static void TooManyObjects(string operation, long count) =>
        throw new ParcelException(
            IpcError.ParcelWrite, ParcelFault.TooManyObjects, operation, count, Parcel.MaxObjects,
            $"the parcel would hold {count} objects, the limit is {Parcel.MaxObjects} (Parcel.MaxObjects, fixed by the format).");

    [DoesNotReturn]
    internal static void TooManyDescriptors(string operation, long count) =>
        throw new ParcelException(
            IpcError.ParcelWrite, ParcelFault.TooManyDescriptors, operation, count, Parcel.MaxDescriptors,
            $"the parcel would hold {count} descriptors, the limit is {Parcel.MaxDescriptors} (Parcel.MaxDescriptors, the kernel's for one message).");

    [DoesNotReturn]
    internal static void Duplication(string operation, Exception cause) =>
        throw new ParcelException(
            IpcError.ParcelWrite, ParcelFault.Duplication, operation, 0, 0,
            $"a descriptor could not be duplicated ({cause.Message}).", cause);

    [DoesNotReturn]
    internal static void TextToWrite(string operation, int index, string wrong) =>
        throw new ParcelException(
            IpcError.ParcelWrite, ParcelFault.InvalidText, operation, index, 0,
            $"the string {wrong} at index {index}.");

    [DoesNotReturn]
    internal static void TextRead(string operation, int position, string wrong) =>
        throw new ParcelException(
            IpcError.ParcelRead, ParcelFault.InvalidText, operation, position, 0,
            $"the string at position {position} {wrong}.");

    [DoesNotReturn]
    internal static void TokenToWrite(string operation, int length) =>
        throw new ParcelException(
            IpcError.CheckParam, ParcelFault.InvalidLength, operation, length, Parcel.MaxTokenBytes,
            $"an interface token takes 1 to {Parcel.MaxTokenBytes} bytes of UTF-8 (Parcel.MaxTokenBytes, fixed by the format), this one {length}.");

    [DoesNotReturn]
    internal static void NoToken(string operation, int position, int found) =>
        throw new ParcelException(
            IpcError.ParcelRead, ParcelFault.BadToken, operation, found, Parcel.TokenHeader,
            $"no interface token at position {position}: it begins with 0x{found:x}, not 0x{Parcel.TokenHeader:x}.");

    [DoesNotReturn]
    internal static void OtherInterface(string operation, string expected, string found) =>
        throw new ParcelException(
            IpcError.InterfaceMismatch, ParcelFault.BadToken, operation, found.Length, expected.Length,
            $"the request is for the interface \"{found}\", this is \"{expected}\".");

    [DoesNotReturn]
    internal static void Position(string operation, long position, int size) =>
        throw new ParcelException(
            IpcError.CheckParam, ParcelFault.InvalidPosition, operation, position, size,
            $"position {position} is not within 0 to {size} (DataSize).");

    [DoesNotReturn]
    internal static void Length(string operation, IpcError error, long length, long limit) =>
        throw new ParcelException(
            error, ParcelFault.InvalidLength, operation, length, limit,
            $"length {length} is not within 0 to {limit}.");

    [DoesNotReturn]
    internal static void TooDeep(string operation, IpcError error, int depth) =>
        throw new ParcelException(
            error, ParcelFault.TooDeep, operation, depth, ParcelableExtensions.MaxNesting,
            $"values inside values {depth} deep, the limit is {ParcelableExtensions.MaxNesting} (ParcelableExtensions.MaxNesting, fixed).");

    [DoesNotReturn]
    internal static void ObjectTable(string operation, long value, long limit, string wrong) =>
        throw new ParcelException(
            IpcError.ParcelRead, ParcelFault.InvalidObjectTable, operation, value, limit,
            $"the table of objects is wrong: {wrong} ({value}, limit {limit}).");
}
