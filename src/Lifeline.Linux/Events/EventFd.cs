using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>A counter that can be waited for: readable while it is not zero. Never waits itself. Thread-safe.</summary>
public sealed unsafe class EventFd : Descriptor
{
    private EventFd(int number)
        : base(number)
    {
    }

    /// <summary>Makes one.</summary>
    /// <exception cref="LinuxException">The process has no room for another descriptor.</exception>
    public static EventFd Create()
    {
        var fd = Libc.eventfd(0, Libc.CloseOnExec | Libc.NonBlocking);
        return fd >= 0 ? new EventFd(fd) : throw LinuxException.Last("eventfd()");
    }

    /// <summary>Makes it readable.</summary>
    public void Signal()
    {
        Span<byte> one = stackalloc byte[8];
        one[0] = 1;
        // A counter at its maximum (-1 here) is readable already.
        Write(one);
    }

    /// <summary>Makes it unreadable.</summary>
    /// <returns>Whether it was readable.</returns>
    public bool Drain()
    {
        Span<byte> count = stackalloc byte[8];
        return Read(count) == 8;
    }
}

/// <summary>A timer that can be waited for, on CLOCK_MONOTONIC. Thread-safe.</summary>
public sealed unsafe class TimerFd : Descriptor
{
    private const int Monotonic = 1;
    private const int Absolute = 1;

    private TimerFd(int number)
        : base(number)
    {
    }

    /// <summary>Makes one that is not set.</summary>
    /// <exception cref="LinuxException">The process has no room for another descriptor.</exception>
    public static TimerFd Create()
    {
        var fd = Libc.timerfd_create(Monotonic, Libc.CloseOnExec | Libc.NonBlocking);
        return fd >= 0 ? new TimerFd(fd) : throw LinuxException.Last("timerfd_create()");
    }

    /// <summary>Sets the moment at which it becomes readable.</summary>
    /// <param name="nanoseconds">CLOCK_MONOTONIC; null unsets it.</param>
    /// <exception cref="LinuxException">It cannot be set.</exception>
    public void Set(long? nanoseconds)
    {
        var value = stackalloc TimeSpec[2];
        value[0] = default;
        // Zero would unset it: a moment that has passed is one nanosecond after the boot.
        var at = nanoseconds is { } moment ? Math.Max(moment, 1) : 0;
        value[1] = new TimeSpec { Seconds = at / 1_000_000_000, Nanoseconds = at % 1_000_000_000 };
        using var use = new Use(this);
        if (Libc.timerfd_settime(use.Number, Absolute, value, null) < 0)
            throw LinuxException.Last($"timerfd_settime({use.Number})");
    }

    /// <summary>Makes it unreadable after it has fired.</summary>
    /// <returns>Whether it had fired.</returns>
    public bool Drain()
    {
        Span<byte> count = stackalloc byte[8];
        return Read(count) == 8;
    }
}
