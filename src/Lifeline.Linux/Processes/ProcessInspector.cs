using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>Gets one line or target of a link; valid for the call only.</summary>
/// <param name="text">The bytes, without their end.</param>
public delegate void TextVisitor(ReadOnlySpan<byte> text);

/// <summary>
/// Looks into processes, one after the other: what they have open and mapped, as bytes, in buffers that are used again. For looks at many, most of which find nothing.
/// One thread at a time. Null and empty answers mean that the process is gone or may not be seen.
/// </summary>
public sealed unsafe class ProcessInspector : IDisposable
{
    private const int None = -1;
    private const int LengthAt = 16;
    private const int NameAt = 19;
    private const int MaxText = 4 * 1024 * 1024;

    private readonly byte[] _entries = new byte[8 * 1024];
    private readonly byte[] _link = new byte[4096];
    private byte[] _text = new byte[16 * 1024];
    private int _folder = None;

    /// <summary>Goes on with this process; that one is looked into until the next call, even if another gets its number.</summary>
    /// <param name="pid">Its number.</param>
    /// <returns>Whether it is there.</returns>
    public bool Begin(int pid)
    {
        Dispose();
        _folder = Libc.openat(Libc.AtCurrentFolder, $"/proc/{pid}", OpenFlagBits.Of(OpenFlags.Read | OpenFlags.Folder), 0);
        return _folder >= 0;
    }

    /// <summary>Where a link in its folder leads; empty if that may not be seen. Valid until the next call.</summary>
    /// <param name="name">The name, such as <c>root</c> or <c>ns/mnt</c>.</param>
    public ReadOnlySpan<byte> LinkOf(ReadOnlySpan<byte> name)
    {
        var zeroEnded = stackalloc byte[name.Length + 1];
        name.CopyTo(new Span<byte>(zeroEnded, name.Length));
        zeroEnded[name.Length] = 0;
        return LinkOf(_folder, zeroEnded);
    }

    /// <summary>Tells what is open, as the kernel names it: a path, <c>socket:[INODE]</c>, <c>pipe:[INODE]</c>.</summary>
    /// <param name="most">Descriptors that are told of at most.</param>
    /// <param name="visitor">Told of each.</param>
    public void VisitDescriptors(int most, TextVisitor visitor)
    {
        ArgumentNullException.ThrowIfNull(visitor);
        var folder = Libc.openat(_folder, "fd", OpenFlagBits.Of(OpenFlags.Read | OpenFlags.Folder), 0);
        if (folder < 0)
            return;
        try
        {
            fixed (byte* entries = _entries)
            {
                int length;
                while (most > 0 && (length = (int)Libc.syscall(Libc.SysListFolder, folder, (nint)entries, _entries.Length, 0, 0, 0)) > 0)
                    most = Visit(folder, entries, length, most, visitor);
            }
        }
        finally
        {
            _ = Libc.close(folder);
        }
    }

    /// <summary>The text of <c>/proc/PID/maps</c>; empty if it may not be seen. Valid until the next call.</summary>
    public ReadOnlySpan<byte> ReadMappings() => Read("maps");

    /// <summary>How long a process that has one thread was on a processor, in nanoseconds; null for others, and where the kernel does not keep it.</summary>
    public long? TryReadTimeOfOnlyThread()
    {
        // A folder has two names of its own and one for each folder in it.
        if (FileStatus.Of(_folder, "task", 0) is not { Links: 3 })
            return null;
        var text = Read("schedstat");
        var end = text.IndexOf((byte)' ');
        return end > 0 && System.Buffers.Text.Utf8Parser.TryParse(text[..end], out long ran, out _) && ran > 0 ? ran : null;
    }

    /// <summary>Lets go of the process; <see cref="Begin"/> may be called again.</summary>
    public void Dispose()
    {
        if (_folder >= 0)
            _ = Libc.close(_folder);
        _folder = None;
    }

    private int Visit(int folder, byte* entries, int length, int most, TextVisitor visitor)
    {
        for (var at = 0; at < length && most > 0; at += *(ushort*)(entries + at + LengthAt))
        {
            var name = entries + at + NameAt;
            if (*name == '.')
                continue;
            most--;
            if (LinkOf(folder, name) is { Length: > 0 } target)
                visitor(target);
        }

        return most;
    }

    private ReadOnlySpan<byte> LinkOf(int folder, byte* name)
    {
        fixed (byte* target = _link)
        {
            var length = Libc.readlinkat(folder, name, target, (nuint)_link.Length);
            return length <= 0 ? [] : _link.AsSpan(0, (int)length);
        }
    }

    private ReadOnlySpan<byte> Read(string name)
    {
        var file = Libc.openat(_folder, name, OpenFlagBits.Of(OpenFlags.Read), 0);
        if (file < 0)
            return [];
        try
        {
            var length = 0;
            while (length < MaxText)
            {
                if (length == _text.Length)
                    Array.Resize(ref _text, _text.Length * 2);
                nint count;
                fixed (byte* rest = &_text[length])
                    count = Libc.read(file, rest, (nuint)(_text.Length - length));
                if (count <= 0)
                    break;
                length += (int)count;
            }

            return _text.AsSpan(0, length);
        }
        finally
        {
            _ = Libc.close(file);
        }
    }
}
