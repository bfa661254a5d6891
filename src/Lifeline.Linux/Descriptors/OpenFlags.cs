using System.Runtime.InteropServices;

namespace Lifeline.Linux;

/// <summary>How a file is opened; close-on-exec always.</summary>
[Flags]
public enum OpenFlags
{
    /// <summary>Read only.</summary>
    Read = 0,

    /// <summary>Write only.</summary>
    Write = 1,

    /// <summary>Read and write.</summary>
    ReadWrite = 2,

    /// <summary>Make it if it is missing.</summary>
    Create = 0x40,

    /// <summary>With <see cref="Create"/>: it must be missing.</summary>
    Exclusive = 0x80,

    /// <summary>Empty it.</summary>
    Truncate = 0x200,

    /// <summary>Write at the end always.</summary>
    Append = 0x400,

    /// <summary>Never wait.</summary>
    NonBlocking = 0x800,

    /// <summary>A folder, or an error.</summary>
    Folder = 0x1000000,

    /// <summary>No link at the end of the path.</summary>
    NoFollow = 0x2000000,

    /// <summary>Only a name for the file: no reading, no writing.</summary>
    PathOnly = 0x4000000,
}

internal static class OpenFlagBits
{
    private const int Plain = 0xFFF;
    private const int CloseOnExec = 0x80000;
    private const int NoControllingTerminal = 0x100;
    private const int PathOnly = 0x200000;

    private static readonly bool Arm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    public static int Of(OpenFlags flags)
    {
        var bits = ((int)flags & Plain) | CloseOnExec;
        // The leader of a session without a terminal would get the first one it opens; with O_PATH openat2 refuses the flag.
        if (!flags.HasFlag(OpenFlags.PathOnly))
            bits |= NoControllingTerminal;
        if (flags.HasFlag(OpenFlags.Folder))
            bits |= Arm ? 0x4000 : 0x10000;
        if (flags.HasFlag(OpenFlags.NoFollow))
            bits |= Arm ? 0x8000 : 0x20000;
        if (flags.HasFlag(OpenFlags.PathOnly))
            bits |= PathOnly;
        return bits;
    }
}
