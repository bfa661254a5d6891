using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>Reads the handover at the start of a monitor.</summary>
internal static class Handover
{
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    /// <exception cref="KeeperProtocolException">The handover broke off, took too long or breaks the format.</exception>
    public static void Read(UnixSocket link, KeeperMirror mirror, TimeSpan timeout)
    {
        byte[] buffer = new byte[KeeperProtocol.MaxMessage];
        long until = MonotonicClock.Nanoseconds + KeeperTiming.Nanoseconds(timeout);
        while (true)
        {
            ReceivedMessage message = link.Receive(buffer, wait: false);
            if (message.EndOfStream) throw new KeeperProtocolException("the keeper closed its socket in the middle of the handover");
            if (!message.WouldBlock)
            {
                LinkInbox.Apply(buffer.AsSpan(0, message.Length), message.Descriptors, mirror, out KeeperMessageKind kind);
                if (kind == KeeperMessageKind.HandoverEnd) return;
                continue;
            }

            long left = until - MonotonicClock.Nanoseconds;
            if (left <= 0) throw new KeeperProtocolException($"the keeper did not end its handover within {timeout.TotalSeconds} s");
            Poller.IsReady(link, PollEvents.In, (int)(left / 1_000_000) + 1);
        }
    }
}
