using Lifeline.Ipc.Dispatch;

namespace Lifeline.Ipc.Tests.Rings;

public sealed class RoomWaitTests
{
    private static readonly TimeSpan s_turn = RoomWait.Shortest / 2;
    private readonly Clock _clock = new();
    private int _ways;

    [Fact]
    public void Room_that_is_there_is_not_waited_for()
    {
        Assert.True(New().Wait(new Room(() => true)));
        Assert.Equal(0, _ways);
    }

    [Fact]
    public void Who_stands_still_is_waited_for_ever_more_rarely()
    {
        RoomWait wait = New();
        var never = new Room(() => false);
        Assert.False(wait.Wait(never));
        Assert.Equal(2, _ways);
        for (int i = 0; i < RoomWait.MostLeftOut; i++)
            Assert.False(wait.Wait(never));
        Assert.InRange(_ways, 20, 2 * 14);
        for (int i = 0; i < 3 * RoomWait.MostLeftOut; i++)
            Assert.False(wait.Wait(never));
        Assert.InRange(_ways, 22, 2 * 18);
    }

    [Fact]
    public void Who_always_came_is_waited_for_longer()
    {
        RoomWait wait = New();
        Assert.False(wait.Wait(After(50)));
        Assert.False(wait.Wait(new Room(() => false)));
        int before = _ways;
        for (int i = 0; i < 8; i++)
            Assert.True(wait.Wait(After(1)));
        Assert.Equal(8, _ways - before);
        Assert.True(wait.Wait(After((int)(RoomWait.Longest / s_turn) - 1)));
        Assert.False(wait.Wait(After((int)(RoomWait.Longest / s_turn) + 1)));
    }

    private RoomWait New() => new(_clock, () =>
    {
        _ways++;
        _clock.Now += s_turn.Ticks;
    });

    private Room After(int ways)
    {
        int at = _ways + ways;
        return new Room(() => _ways >= at);
    }

    private sealed class Room(Func<bool> isThere) : ISpinCondition
    {
        bool ISpinCondition.IsMet => isThere();
    }

    private sealed class Clock : TimeProvider
    {
        internal long Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now;
    }
}
