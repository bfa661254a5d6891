namespace Lifeline.Ipc;

/// <summary>Why a parcel refused an operation.</summary>
public enum ParcelFault
{
    /// <summary>The value does not fit into <see cref="Parcel.MaxDataSize"/>.</summary>
    TooLarge,

    /// <summary>Fewer bytes are left to read than the value needs.</summary>
    ShortRead,

    /// <summary>The parcel was received: it can only be read.</summary>
    ReadOnly,

    /// <summary>The bytes to read belong to a stub, proxy or descriptor.</summary>
    ObjectOverlap,

    /// <summary>No object was written at the read position.</summary>
    NoObject,

    /// <summary>The object at the read position is of another kind.</summary>
    WrongObjectKind,

    /// <summary>More than <see cref="Parcel.MaxObjects"/> objects.</summary>
    TooManyObjects,

    /// <summary>More than <see cref="Parcel.MaxDescriptors"/> descriptors.</summary>
    TooManyDescriptors,

    /// <summary>A descriptor could not be duplicated.</summary>
    Duplication,

    /// <summary>A string that is no valid Unicode, holds a NUL, or does not end.</summary>
    InvalidText,

    /// <summary>There is no interface token at the read position, or it names another interface.</summary>
    BadToken,

    /// <summary>A position outside of the data.</summary>
    InvalidPosition,

    /// <summary>A length or count that is negative or larger than the data.</summary>
    InvalidLength,

    /// <summary>A received table of objects that contradicts itself or the data.</summary>
    InvalidObjectTable,

    /// <summary>A second raw block: a parcel holds one.</summary>
    SecondRawBlock,

    /// <summary>Memory that could not be had, or that was sent without the seals or the size that it must have.</summary>
    InvalidMemory,

    /// <summary>Parcelables inside parcelables, deeper than <see cref="ParcelableExtensions.MaxNesting"/>.</summary>
    TooDeep,
}
