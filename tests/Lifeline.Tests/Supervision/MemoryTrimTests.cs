using Lifeline.Supervision;

namespace Lifeline.Tests.Supervision;

public sealed class MemoryTrimTests
{
    private const long Second = 1_000_000_000;

    private long _allocated;
    private int _trims;
    private int _letGo;

    [Fact]
    public void Memory_is_given_back_once_after_work_that_took_much()
    {
        var trim = Make();
        Work(trim, at: 0, SupervisionLimits.TrimAfterBytes);

        trim.Look(1 * Second, null);
        Assert.Equal(0, _trims);

        trim.Look(trim.DueAt, null);
        trim.Look(trim.DueAt - 1, null);
        trim.Look(100 * Second, null);
        Assert.Equal(1, _trims);
    }

    [Fact]
    public void Little_work_is_not_worth_it_until_it_has_added_up()
    {
        var trim = Make();
        Work(trim, at: 0, SupervisionLimits.TrimAfterBytes - 1);
        trim.Look(trim.DueAt, null);
        Assert.Equal(0, _trims);

        Work(trim, at: 10 * Second, 1);
        trim.Look(trim.DueAt, null);
        Assert.Equal(1, _trims);
    }

    [Fact]
    public void Nothing_is_given_back_shortly_before_a_deadline_but_after_it()
    {
        var trim = Make();
        Work(trim, at: 0, SupervisionLimits.TrimAfterBytes);
        var now = trim.DueAt;

        trim.Look(now, now + (Second / 10));
        Assert.Equal(0, _trims);
        Assert.True(trim.DueAt > now);

        trim.Look(trim.DueAt, trim.DueAt + (10 * Second));
        Assert.Equal(1, _trims);
    }

    [Fact]
    public void Who_did_nothing_is_never_woken()
    {
        var trim = Make();
        Assert.Equal(long.MaxValue, trim.DueAt);
        Work(trim, at: 0, 0);
        trim.Look(trim.DueAt, null);
        Assert.Equal(long.MaxValue, trim.DueAt);
    }

    [Fact]
    public void After_little_work_pages_are_let_go_of_and_not_again_at_once()
    {
        var trim = Make();
        Work(trim, at: 0, 1);
        trim.Look(trim.DueAt, null);
        Work(trim, at: 10 * Second, 1);
        trim.Look(trim.DueAt, null);
        Assert.Equal((0, 1), (_trims, _letGo));

        Work(trim, at: 100 * Second, 1);
        trim.Look(trim.DueAt, null);
        Assert.Equal((0, 2), (_trims, _letGo));
    }

    private MemoryTrim Make() => new(() => _trims++, () => _letGo++, () => _allocated);

    private void Work(MemoryTrim trim, long at, long bytes)
    {
        _allocated += bytes;
        trim.NoteWork(at);
    }
}
