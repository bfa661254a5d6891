using System.Runtime.InteropServices;
using System.Text;
using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>
/// One removal of a folder. Names are bytes here: what is no UTF-8 goes too. Folders below the second level are lifted to the first, one by
/// one, so that two descriptors suffice for any depth.
/// </summary>
internal sealed unsafe class FolderSweep(int maxNames)
{
    private const int RemoveFolder = 0x200;
    private const int BufferSize = 32 * 1024;
    private const int MaxShownBytes = 64;
    private const int MaxAttempts = 100;
    private const uint KeepExisting = 1; // RENAME_NOREPLACE
    private const ulong WithoutMountsAndLinks = 1 | 4 | 8; // RESOLVE_NO_XDEV, _NO_SYMLINKS, _BENEATH
    private const uint OwnerMay = 0x1C0; // 0700

    // Where a dirent64's fields are.
    private const int LengthAt = 16;
    private const int NameAt = 19;

    private readonly bool _isRoot = CurrentProcess.Uid == 0;
    private int _root = -1;
    private int _left = maxNames;
    private int _removed;
    private int _lifted;
    private string? _obstacle;
    private Errno _error;

    public FolderRemoval Run(int parent, byte* name)
    {
        _root = Open(parent, name);
        if (_root < 0)
            return WithoutEntering(parent, name, Libc.LastError);
        try
        {
            if (!_isRoot)
                _ = Libc.fchmod(_root, OwnerMay);
            EmptyRoot();
        }
        finally
        {
            _ = Libc.close(_root);
        }

        var isGone = _left > 0 && Unlink(parent, name, RemoveFolder) is Errno.None or Errno.ENOENT;
        return new FolderRemoval(isGone, _removed, _left == 0, isGone ? null : _obstacle, isGone ? Errno.None : _error);
    }

    private FolderRemoval WithoutEntering(int parent, byte* name, Errno why)
    {
        if (why is Errno.ENOTDIR or Errno.ELOOP)
            why = Unlink(parent, name, 0);
        var isGone = why is Errno.None or Errno.ENOENT;
        return new FolderRemoval(isGone, _removed, IsExhausted: false, isGone ? null : Show(name), isGone ? Errno.None : why);
    }

    // As often as something goes: what was lifted meanwhile may not be in the listing that was under way.
    private void EmptyRoot()
    {
        var buffer = (byte*)NativeMemory.Alloc(BufferSize * 2);
        try
        {
            int before;
            do
            {
                before = _removed + _lifted;
                (_obstacle, _error) = (null, Errno.None);
                Empty(_root, buffer, buffer + BufferSize);
            }
            while (_left > 0 && _removed + _lifted > before);
        }
        finally
        {
            NativeMemory.Free(buffer);
        }
    }

    private void Empty(int folder, byte* buffer, byte* forChildren)
    {
        _ = Libc.lseek(folder, 0, 0);
        while (true)
        {
            var length = (int)Libc.syscall(Libc.SysListFolder, folder, (nint)buffer, BufferSize, 0, 0, 0);
            if (length < 0)
                Note(null, Libc.LastError);
            if (length <= 0)
                return;
            for (var at = 0; at < length; at += *(ushort*)(buffer + at + LengthAt))
            {
                var name = buffer + at + NameAt;
                if (IsSelfOrParent(name))
                    continue;
                if (_left == 0)
                    return;
                _left--;
                Remove(folder, name, forChildren);
            }
        }
    }

    private void Remove(int folder, byte* name, byte* forChildren)
    {
        var error = Unlink(folder, name, 0);
        if (error == Errno.EISDIR)
            error = Unlink(folder, name, RemoveFolder);
        if (error is Errno.ENOTEMPTY or Errno.EEXIST)
            error = folder == _root ? EmptyChild(name, forChildren) : Lift(folder, name);
        if (error is not (Errno.None or Errno.ENOENT))
            Note(name, error);
    }

    private Errno EmptyChild(byte* name, byte* buffer)
    {
        var child = Open(_root, name);
        if (child < 0)
            return Libc.LastError;
        if (!_isRoot)
            _ = Libc.fchmod(child, OwnerMay);
        Empty(child, buffer, null);
        _ = Libc.close(child);
        var error = Unlink(_root, name, RemoveFolder);
        // What keeps it from going was noted, or comes up at the next round.
        return error is Errno.ENOTEMPTY or Errno.EEXIST ? Errno.None : error;
    }

    // To the first level, under a name of its own.
    private Errno Lift(int folder, byte* name)
    {
        if (!_isRoot)
            _ = Libc.fchmodat(folder, name, OwnerMay, 0);
        while (_left-- > 0)
        {
            using var lifted = new NativeStrings([$".lifted-{_lifted++}"]);
            if (Libc.renameat2(folder, name, _root, lifted.Pointer[0], KeepExisting) == 0)
                return Errno.None;
            var error = Libc.LastError;
            if (error == Errno.EEXIST)
                continue;
            _lifted--;
            return error;
        }

        _left = 0;
        return Errno.None;
    }

    private Errno Unlink(int folder, byte* name, int flags)
    {
        if (Libc.unlinkat(folder, name, flags) < 0)
            return Libc.LastError;
        _removed++;
        return Errno.None;
    }

    // -1 and the last error if it is no folder of ours to enter.
    private int Open(int folder, byte* name)
    {
        var how = stackalloc ulong[3];
        how[0] = (ulong)OpenFlagBits.Of(OpenFlags.Read | OpenFlags.Folder | OpenFlags.NoFollow);
        how[1] = 0;
        how[2] = WithoutMountsAndLinks;
        for (var attempt = 1; ; attempt++)
        {
            var opened = (int)Libc.syscall(Libc.SysOpenAt2, folder, (nint)name, (nint)how, 24, 0, 0);
            if (opened >= 0 || attempt == MaxAttempts)
                return opened;
            switch (Libc.LastError)
            {
                case Errno.EINTR or Errno.EAGAIN:
                    continue;
                // Its owner is who we are, and may have taken the right from himself.
                case Errno.EACCES when !_isRoot && attempt == 1 && Libc.fchmodat(folder, name, OwnerMay, 0) == 0:
                    continue;
                default:
                    return opened;
            }
        }
    }

    private void Note(byte* name, Errno error)
    {
        if (_obstacle is null)
            (_obstacle, _error) = (name is null ? "the folder" : Show(name), error);
    }

    private static bool IsSelfOrParent(byte* name) => name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0));

    private static string Show(byte* name)
    {
        var bytes = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name);
        return Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, MaxShownBytes)]);
    }
}
