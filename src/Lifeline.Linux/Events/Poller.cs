using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>Waits for a few descriptors.</summary>
public static unsafe class Poller
{
    /// <summary>Most items of one call.</summary>
    public const int MaxItems = 1024;

    /// <summary>Waits until one of them is ready. An interrupted wait begins anew.</summary>
    /// <param name="items">What is waited for; <see cref="PollItem.Returned"/> is filled in. At most <see cref="MaxItems"/>.</param>
    /// <param name="timeoutMilliseconds">How long; -1 for ever, 0 not at all.</param>
    /// <returns>How many are ready.</returns>
    /// <exception cref="LinuxException">Waiting failed.</exception>
    public static int Poll(Span<PollItem> items, int timeoutMilliseconds)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(items.Length, MaxItems);
        var entries = stackalloc PollEntry[Math.Max(items.Length, 1)];
        Span<bool> held = stackalloc bool[items.Length];
        try
        {
            for (var i = 0; i < items.Length; i++)
            {
                items[i].Descriptor?.DangerousAddRef(ref held[i]);
                entries[i] = new PollEntry { Fd = items[i].Descriptor?.HeldNumber ?? -1, Events = (short)items[i].Events };
            }

            var ready = Wait(entries, items.Length, timeoutMilliseconds);
            for (var i = 0; i < items.Length; i++)
                items[i].Returned = (PollEvents)entries[i].Returned;
            return ready;
        }
        finally
        {
            for (var i = 0; i < items.Length; i++)
                if (held[i])
                    items[i].Descriptor!.DangerousRelease();
        }
    }

    /// <summary>Whether one descriptor is ready now or within a time.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="events">The events.</param>
    /// <param name="timeoutMilliseconds">How long; -1 for ever, 0 not at all.</param>
    public static bool IsReady(Descriptor descriptor, PollEvents events, int timeoutMilliseconds = 0)
    {
        Span<PollItem> items = [new PollItem(descriptor, events)];
        return Poll(items, timeoutMilliseconds) > 0;
    }

    private static int Wait(PollEntry* entries, int count, int timeoutMilliseconds)
    {
        var deadline = timeoutMilliseconds > 0 ? MonotonicClock.Nanoseconds + (timeoutMilliseconds * 1_000_000L) : 0;
        while (true)
        {
            var ready = Libc.poll(entries, (nuint)count, timeoutMilliseconds);
            if (ready >= 0)
                return ready;
            if (Libc.LastError != Errno.EINTR)
                throw LinuxException.Last($"poll({count})");
            if (timeoutMilliseconds > 0)
                timeoutMilliseconds = (int)Math.Max(0, (deadline - MonotonicClock.Nanoseconds + 999_999) / 1_000_000);
        }
    }
}
