namespace Lifeline.Ipc;

/// <summary>What kind of object stands in a parcel.</summary>
internal enum ParcelObjectKind
{
    /// <summary>No object: a null reference.</summary>
    Null = 0,

    /// <summary>A stub of this process.</summary>
    Stub = 1,

    /// <summary>A proxy of a stub that lives elsewhere.</summary>
    Proxy = 2,

    /// <summary>A file descriptor.</summary>
    Descriptor = 3,
}
