using System.Collections.Concurrent;
using Lifeline.Configuration;
using Lifeline.Monitor;
using Lifeline.Probing;
using Lifeline.Tests.Alerting;

namespace Lifeline.Tests.Probing;

public sealed class ProberTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ManualTime _time = new();
    private readonly Asked _probe = new();
    private readonly BlockingCollection<ProbeResult> _told = [];
    private readonly Prober _prober;
    private ProbeSettings? _settings = Every(10);

    public ProberTests() =>
        _prober = new Prober(_ => _settings is { } settings ? (settings, _probe) : null, _told.Add, _time, new Random(1));

    public void Dispose()
    {
        _prober.Dispose();
        _told.Dispose();
    }

    [Fact]
    public void The_first_probe_comes_within_the_interval_and_each_after_one_more()
    {
        _prober.Start(Live("a"));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(new ProbeResult("a", 1, ProbeUse.Live, true, "well"), Next());
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            Next();
        }

        Assert.Equal(4, _probe.Count);
    }

    [Fact]
    public void First_probes_of_many_services_are_spread()
    {
        for (var i = 0; i < 20; i++)
            _prober.Start(Live($"s{i}"));
        var turns = new List<int>();
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            var before = turns.Sum();
            SpinWait.SpinUntil(() => _probe.Count == _probe.Answered, Patience);
            turns.Add(_probe.Count - before);
        }

        Assert.Equal(20, turns.Sum());
        Assert.All(turns, turn => Assert.InRange(turn, 0, 8));
    }

    [Fact]
    public void One_that_is_starting_is_asked_often_and_ever_more_slowly()
    {
        _prober.Start(Live("a") with { Use = ProbeUse.Ready, IsStarting = true });
        for (var i = 0; i < 4; i++)
        {
            // 50, 50, 100, 200 ms
            _time.Advance(ProbeLimits.FirstPause * (i < 2 ? 1 : 1 << (i - 1)));
            Next();
        }

        _time.Advance(TimeSpan.FromMilliseconds(399));
        Assert.Equal(4, _probe.Count);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Next();
    }

    [Fact]
    public void No_answer_in_time_is_a_failure_that_says_so()
    {
        _probe.Hangs = true;
        _prober.Start(Live("a"));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(_probe.Begun.WaitOne(Patience));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((false, "no answer within 2s"), (Next() is var told && told.IsGood, told.Text));
    }

    [Fact]
    public void A_timeout_that_was_seen_much_too_late_says_nothing()
    {
        _probe.Hangs = true;
        _prober.Start(Live("a"));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(_probe.Begun.WaitOne(Patience));
        _time.Advance(TimeSpan.FromSeconds(5));
        _probe.Hangs = false;
        SpinWait.SpinUntil(() => _probe.Answered == 1, Patience);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(Next().IsGood);
    }

    [Fact]
    public void What_was_stopped_is_broken_off_and_not_told()
    {
        _probe.Hangs = true;
        _prober.Start(Live("a"));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(_probe.Begun.WaitOne(Patience));
        _prober.Stop(new StopProbing("a"));
        Assert.True(SpinWait.SpinUntil(() => _probe.Answered == 1, Patience));
        _time.Advance(TimeSpan.FromSeconds(100));
        Assert.Empty(_told);
        Assert.Equal(1, _probe.Count);
    }

    [Fact]
    public void A_new_begin_takes_the_settings_that_are_in_force_then()
    {
        _prober.Start(Live("a"));
        _settings = Every(1);
        _prober.Start(Live("a") with { Generation = 2 });
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, Next().Generation);
        _settings = null;
        _prober.Start(Live("a") with { Generation = 3 });
        _time.Advance(TimeSpan.FromSeconds(100));
        Assert.Empty(_told);
    }

    [Fact]
    public void No_more_than_the_limit_are_under_way_and_those_that_wait_get_their_turn()
    {
        _probe.Hangs = true;
        for (var i = 0; i < ProbeLimits.MaxUnderWay + 10; i++)
            _prober.Start(Live($"s{i}"));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(SpinWait.SpinUntil(() => _probe.Count == ProbeLimits.MaxUnderWay, Patience));
        _probe.Hangs = false;
        _time.Advance(TimeSpan.FromSeconds(2));
        for (var i = 0; i < ProbeLimits.MaxUnderWay + 10; i++)
            Next();
    }

    private static StartProbing Live(string service) => new(service, 1, ProbeUse.Live, IsStarting: false);

    private static ProbeSettings Every(int seconds) => new()
    {
        Interval = TimeSpan.FromSeconds(seconds), Timeout = TimeSpan.FromSeconds(2), Failures = 3, Successes = 1, Action = ProbeAction.Restart,
    };

    private ProbeResult Next()
    {
        Assert.True(_told.TryTake(out var told, Patience), "no outcome came");
        return told!;
    }

    private sealed class Asked : IProbe
    {
        private int _count;
        private int _answered;

        public bool Hangs { get; set; }

        public AutoResetEvent Begun { get; } = new(false);

        public int Count => Volatile.Read(ref _count);

        public int Answered => Volatile.Read(ref _answered);

        public async Task<ProbeOutcome> AskAsync(CancellationToken timeout, CancellationToken stop)
        {
            Interlocked.Increment(ref _count);
            try
            {
                if (!Hangs)
                    return ProbeOutcome.Good("well");
                using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout, stop);
                Begun.Set();
                await Task.Delay(Timeout.InfiniteTimeSpan, either.Token);
                return ProbeOutcome.Good("never");
            }
            finally
            {
                Interlocked.Increment(ref _answered);
            }
        }
    }
}
