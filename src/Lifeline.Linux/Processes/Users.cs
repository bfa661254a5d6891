using System.Runtime.InteropServices;
using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>A user of the system.</summary>
/// <param name="Name">Name.</param>
/// <param name="Uid">Number.</param>
/// <param name="Gid">Number of the main group.</param>
/// <param name="Home">Home folder.</param>
public sealed record UserEntry(string Name, uint Uid, uint Gid, string Home)
{
    /// <summary>Login shell.</summary>
    public string Shell { get; init; } = "/bin/sh";
}

/// <summary>The user database of the system. Thread-safe.</summary>
public static unsafe class Users
{
    private const int BufferSize = 64 * 1024;
    // NGROUPS_MAX of the kernel.
    private const int MaxGroups = 65536;

    /// <summary>A user by name; null if there is none.</summary>
    /// <param name="name">The name.</param>
    public static UserEntry? Find(string name)
    {
        var buffer = (byte*)NativeMemory.Alloc(BufferSize);
        try
        {
            var entry = stackalloc byte[64];
            void* result;
            return Libc.getpwnam_r(name, entry, buffer, BufferSize, &result) == 0 && result != null ? Read(entry) : null;
        }
        finally
        {
            NativeMemory.Free(buffer);
        }
    }

    /// <summary>A user by number; null if there is none.</summary>
    /// <param name="uid">The number.</param>
    public static UserEntry? Find(uint uid)
    {
        var buffer = (byte*)NativeMemory.Alloc(BufferSize);
        try
        {
            var entry = stackalloc byte[64];
            void* result;
            return Libc.getpwuid_r(uid, entry, buffer, BufferSize, &result) == 0 && result != null ? Read(entry) : null;
        }
        finally
        {
            NativeMemory.Free(buffer);
        }
    }

    /// <summary>A group's number by its name; null if there is none.</summary>
    /// <param name="name">The name.</param>
    public static uint? FindGroup(string name)
    {
        var buffer = (byte*)NativeMemory.Alloc(BufferSize);
        try
        {
            // struct group: name, password, gid, members.
            var entry = stackalloc byte[64];
            void* result;
            return Libc.getgrnam_r(name, entry, buffer, BufferSize, &result) == 0 && result != null ? *(uint*)(entry + 16) : null;
        }
        finally
        {
            NativeMemory.Free(buffer);
        }
    }

    /// <summary>All groups of a user, the main one among them.</summary>
    /// <param name="user">The user.</param>
    public static IReadOnlyList<uint> GroupsOf(UserEntry user)
    {
        ArgumentNullException.ThrowIfNull(user);
        using var name = new NativeStrings([user.Name]);
        for (var room = 64; ; room *= 4)
        {
            var groups = new uint[room];
            var count = room;
            fixed (uint* start = groups)
            {
                if (Libc.getgrouplist(name.Pointer[0], user.Gid, start, &count) >= 0)
                    return groups[..count];
            }

            if (room >= MaxGroups)
                return [user.Gid];
        }
    }

    // struct passwd: name, password, uid, gid, comment, home, shell.
    private static UserEntry Read(byte* entry) => new(
        Marshal.PtrToStringUTF8(*(nint*)entry) ?? "",
        *(uint*)(entry + 16),
        *(uint*)(entry + 20),
        Marshal.PtrToStringUTF8(*(nint*)(entry + 32)) ?? "/")
    {
        Shell = Marshal.PtrToStringUTF8(*(nint*)(entry + 40)) is { Length: > 0 } shell ? shell : "/bin/sh",
    };
}
