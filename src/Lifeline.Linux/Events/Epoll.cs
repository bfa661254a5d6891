using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>How a descriptor is watched by an <see cref="Epoll"/>.</summary>
[Flags]
public enum EpollEvents : uint
{
    /// <summary>Nothing but errors and hang-ups.</summary>
    None = 0,

    /// <summary>Something can be read.</summary>
    In = 1,

    /// <summary>Something exceptional.</summary>
    Priority = 2,

    /// <summary>Something can be written.</summary>
    Out = 4,

    /// <summary>An error; always reported.</summary>
    Error = 8,

    /// <summary>The other side is gone; always reported.</summary>
    HangUp = 16,

    /// <summary>The other side writes no more.</summary>
    ReadHangUp = 0x2000,

    /// <summary>Only one of several epolls or threads is woken.</summary>
    Exclusive = 1u << 28,

    /// <summary>Reported once, until it is watched anew.</summary>
    OneShot = 1u << 30,

    /// <summary>Reported when it changes, not as long as it holds.</summary>
    EdgeTriggered = 1u << 31,
}

/// <summary>One report of an <see cref="Epoll"/>.</summary>
/// <param name="Events">What happened.</param>
/// <param name="Tag">The number given when it was added.</param>
public readonly record struct EpollEvent(EpollEvents Events, ulong Tag);

/// <summary>Waits for many descriptors. Thread-safe.</summary>
public sealed unsafe class Epoll : Descriptor
{
    /// <summary>Most reports of one wait.</summary>
    public const int MaxEvents = 256;

    private const int OperationAdd = 1;
    private const int OperationRemove = 2;
    private const int OperationModify = 3;

    // struct epoll_event is packed on x86-64 only.
    private static readonly int Stride = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int TagOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    private Epoll(int number)
        : base(number)
    {
    }

    /// <summary>Makes one.</summary>
    /// <exception cref="LinuxException">The process has no room for another descriptor.</exception>
    public static Epoll Create()
    {
        var fd = Libc.epoll_create1(Libc.CloseOnExec);
        return fd >= 0 ? new Epoll(fd) : throw LinuxException.Last("epoll_create1()");
    }

    /// <summary>Begins to watch a descriptor. It must be removed before it is closed if a duplicate of it lives on.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="events">What is watched.</param>
    /// <param name="tag">Comes back in each report.</param>
    /// <exception cref="LinuxException">It is watched already, or cannot be.</exception>
    public void Add(Descriptor descriptor, EpollEvents events, ulong tag) => Control(OperationAdd, descriptor, events, tag);

    /// <summary>Changes what is watched.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="events">What is watched.</param>
    /// <param name="tag">Comes back in each report.</param>
    /// <exception cref="LinuxException">It is not watched.</exception>
    public void Modify(Descriptor descriptor, EpollEvents events, ulong tag) => Control(OperationModify, descriptor, events, tag);

    /// <summary>Ends watching a descriptor.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <exception cref="LinuxException">It is not watched.</exception>
    public void Remove(Descriptor descriptor) => Control(OperationRemove, descriptor, EpollEvents.None, 0);

    /// <summary>Waits for reports. An interrupted wait returns 0.</summary>
    /// <param name="events">Where they go; at most <see cref="MaxEvents"/> are given at once.</param>
    /// <param name="timeoutMilliseconds">How long; -1 for ever, 0 not at all.</param>
    /// <returns>How many.</returns>
    /// <exception cref="LinuxException">Waiting failed.</exception>
    [SkipLocalsInit]
    public int Wait(Span<EpollEvent> events, int timeoutMilliseconds)
    {
        var most = Math.Min(events.Length, MaxEvents);
        var raw = stackalloc byte[MaxEvents * 16];
        using var use = new Use(this);
        var count = Libc.epoll_wait(use.Number, raw, most, timeoutMilliseconds);
        if (count < 0)
            return Libc.LastError == Errno.EINTR ? 0 : throw LinuxException.Last($"epoll_wait({use.Number})");
        for (var i = 0; i < count; i++)
        {
            var entry = raw + (i * Stride);
            events[i] = new EpollEvent((EpollEvents)(*(uint*)entry), *(ulong*)(entry + TagOffset));
        }

        return count;
    }

    private void Control(int operation, Descriptor descriptor, EpollEvents events, ulong tag)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        var raw = stackalloc byte[16];
        *(uint*)raw = (uint)events;
        *(ulong*)(raw + TagOffset) = tag;
        using var use = new Use(this);
        using var target = new Use(descriptor);
        if (Libc.epoll_ctl(use.Number, operation, target.Number, raw) < 0)
            throw LinuxException.Last($"epoll_ctl({use.Number}, {operation}, {target.Number})");
    }
}
