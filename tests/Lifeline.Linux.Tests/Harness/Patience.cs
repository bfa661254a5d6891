namespace Lifeline.Linux.Tests.Harness;

/// <summary>How long a test waits for something that must happen, and the ways to wait.</summary>
internal static class Patience
{
    public const int Milliseconds = 30_000;

    public static readonly TimeSpan Span = TimeSpan.FromMilliseconds(Milliseconds);

    public static void ForReadiness(Descriptor descriptor, PollEvents events = PollEvents.In) =>
        Assert.True(Poller.IsReady(descriptor, events, Milliseconds), $"descriptor {descriptor.Number} did not become ready for {events}");

    /// <summary>For conditions in other processes, of which no event reaches us.</summary>
    public static void Until(Func<bool> condition, string complaint)
    {
        var deadline = MonotonicClock.Nanoseconds + (Milliseconds * 1_000_000L);
        while (!condition())
        {
            Assert.True(MonotonicClock.Nanoseconds < deadline, complaint);
            Poller.Poll([], 5);
        }
    }

    public static ReceivedMessage Receive(UnixSocket socket, Span<byte> buffer)
    {
        ForReadiness(socket);
        return socket.Receive(buffer, wait: false);
    }
}
