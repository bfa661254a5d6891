using System.Globalization;

namespace Lifeline.Monitor.Tests.Simulation;

/// <summary>Simulated time, chance and the agenda of what happens when. Everything in a run follows from the seed.</summary>
internal sealed class World(int seed, bool isTracing)
{
    private const int TraceLines = 400;

    private readonly Random _random = new(seed);
    private readonly PriorityQueue<Action, (long At, long Order)> _agenda = new();
    private readonly Queue<string> _trace = new();
    private long _order;

    public int Seed { get; } = seed;

    public long Now { get; private set; } = Milliseconds(1_000);

    public long Steps { get; private set; }

    /// <summary>No more faults: what is broken heals, what starts stays.</summary>
    public bool IsQuiet { get; set; }

    public bool IsTracing { get; } = isTracing;

    public IEnumerable<string> TraceOf => _trace;

    public static long Milliseconds(long count) => count * 1_000_000;

    public void After(long delay, Action action) => _agenda.Enqueue(action, (Now + delay, _order++));

    public void At(long time, Action action) => _agenda.Enqueue(action, (Math.Max(Now, time), _order++));

    public bool Step()
    {
        if (!_agenda.TryDequeue(out var action, out var when)) return false;
        Now = Math.Max(Now, when.At);
        Steps++;
        action();
        return true;
    }

    public int Next(int below) => _random.Next(below);

    public bool Chance(double probability) => _random.NextDouble() < probability;

    /// <summary>A chance that exists only while faults are on.</summary>
    public bool Fault(double probability) => !IsQuiet && _random.NextDouble() < probability;

    /// <summary>Nanoseconds between two numbers of milliseconds.</summary>
    public long Between(int least, int most) => Milliseconds(least) + (long)(_random.NextDouble() * Milliseconds(most - least));

    public T Pick<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    public void Note(string line)
    {
        if (!IsTracing) return;
        if (_trace.Count == TraceLines) _trace.Dequeue();
        _trace.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{Steps,7} {Now / 1e6,12:0.000} ms  {line}"));
    }
}
