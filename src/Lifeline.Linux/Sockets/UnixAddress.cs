using System.Text;
using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>sockaddr_un of a path, also of one that is too long for it.</summary>
internal unsafe ref struct UnixAddress
{
    public const int MaxPath = 107;
    private const int PathOffset = 2;

    private readonly Descriptor? _folder;
    private fixed byte _bytes[PathOffset + MaxPath + 1];

    /// <summary>
    /// A long path is named through a descriptor of its folder; a name that is itself too long cannot be helped.
    /// A path that begins with '@' is abstract.
    /// </summary>
    public UnixAddress(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        NativeStrings.RefuseZeroByte(path);
        var isAbstract = path.StartsWith('@');
        if (!isAbstract && Encoding.UTF8.GetByteCount(path) > MaxPath)
        {
            var full = Path.GetFullPath(path);
            _folder = Descriptor.Open(Path.GetDirectoryName(full)!, OpenFlags.PathOnly | OpenFlags.Folder);
            path = $"/proc/self/fd/{_folder.Number}/{Path.GetFileName(full)}";
        }

        var length = Encoding.UTF8.GetByteCount(path);
        if (length > MaxPath)
        {
            _folder?.Dispose();
            throw new LinuxException($"socket path \"{path}\" ({length} bytes, limit {MaxPath})", Errno.ENAMETOOLONG);
        }

        _bytes[0] = Libc.FamilyUnix;
        fixed (byte* start = _bytes)
            Encoding.UTF8.GetBytes(path, new Span<byte>(start + PathOffset, MaxPath));
        if (isAbstract)
            _bytes[PathOffset] = 0;
        Length = (uint)(PathOffset + length + (isAbstract ? 0 : 1));
    }

    public uint Length { get; }

    public readonly int CopyTo(byte* target)
    {
        for (var i = 0; i < Length; i++)
            target[i] = _bytes[i];
        return (int)Length;
    }

    public readonly void Dispose() => _folder?.Dispose();
}
