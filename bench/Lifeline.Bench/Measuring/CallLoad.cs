namespace Lifeline.Bench.Measuring;

/// <summary>Callers on a thread each, who call as fast as they can or pause between calls.</summary>
internal sealed class CallLoad
{
    private readonly Func<int, Action> _callOf;
    private readonly int _callers;
    private readonly int _pauseMilliseconds;

    /// <param name="callOf">Gives each caller, by number, what does one call and waits for the reply. Asked on the caller's thread.</param>
    /// <param name="callers">How many.</param>
    /// <param name="pauseMicroseconds">Between two calls; 0 for none.</param>
    internal CallLoad(Func<int, Action> callOf, int callers, long pauseMicroseconds)
    {
        _callOf = callOf;
        _callers = callers;
        _pauseMilliseconds = (int)(pauseMicroseconds / 1000);
    }

    /// <summary>Answers "go MILLISECONDS".</summary>
    internal string Go(string[] words)
    {
        long milliseconds = Role.Number(words[1]);
        long cpu = Role.Cpu;
        long allocated = GC.GetTotalAllocatedBytes();
        long began = Role.Now;
        long until = began + (milliseconds * 1_000_000);
        var callers = new Caller[_callers];
        for (int i = 0; i < callers.Length; i++)
            callers[i] = new Caller(_callOf, i, _pauseMilliseconds, until);
        foreach (Caller caller in callers)
            caller.Thread.Join();
        long took = Role.Now - began;
        long used = Role.Cpu - cpu;
        allocated = GC.GetTotalAllocatedBytes() - allocated;
        foreach (Caller caller in callers)
        {
            if (caller.Fault is { } fault)
                throw new InvalidOperationException($"a call failed: {fault.GetType().Name}: {fault.Message}");
        }

        Latencies all = callers[0].Latencies;
        foreach (Caller caller in callers.AsSpan(1))
            all.Add(caller.Latencies);
        return $"messages={all.Count} ns={took} cpu={used} alloc={allocated} {Role.Percentiles(all)}";
    }

    private sealed class Caller
    {
        private readonly Func<int, Action> _callOf;
        private readonly int _number;
        private readonly int _pause;
        private readonly long _until;

        internal Caller(Func<int, Action> callOf, int number, int pause, long until)
        {
            _callOf = callOf;
            _number = number;
            _pause = pause;
            _until = until;
            Thread = new Thread(Run) { IsBackground = true };
            Thread.Start();
        }

        internal Thread Thread { get; }

        internal Latencies Latencies { get; } = new();

        internal Exception? Fault { get; private set; }

        private void Run()
        {
            try
            {
                Action call = _callOf(_number);
                using var never = new AutoResetEvent(false);
                long before = Role.Now;
                do
                {
                    call();
                    long after = Role.Now;
                    Latencies.Record(after - before);
                    if (_pause > 0)
                    {
                        never.WaitOne(_pause);
                        after = Role.Now;
                    }

                    before = after;
                }
                while (before < _until);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Fault = e;
            }
        }
    }
}
