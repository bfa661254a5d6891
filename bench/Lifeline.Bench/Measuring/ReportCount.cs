using System.Runtime.InteropServices;

namespace Lifeline.Bench.Measuring;

/// <summary>Counts the reports of some senders and notes when the last was handled. One sender's reports must be counted one after the other.</summary>
internal sealed class ReportCount(int senders)
{
    private readonly Line[] _seen = new Line[senders];
    private readonly ManualResetEventSlim _complete = new(false, 1);
    private long _each;
    private long _last;
    private long _cpu;
    private long _allocated;
    private int _remaining;

    /// <summary>Answers "expect COUNT" (of each sender), "wait".</summary>
    internal string Answer(string[] words)
    {
        if (words[0] == "expect")
        {
            Array.Clear(_seen);
            _complete.Reset();
            _remaining = senders;
            _allocated = GC.GetTotalAllocatedBytes();
            _cpu = Role.Cpu;
            Volatile.Write(ref _each, Role.Number(words[1]));
            return "";
        }

        if (!_complete.Wait(TimeSpan.FromSeconds(60)))
            throw new TimeoutException($"of {_each} messages of each sender came {string.Join(", ", _seen.Select(s => s.Count))}");
        return $"messages={_each * senders} last={_last} cpu={Role.Cpu - _cpu} alloc={GC.GetTotalAllocatedBytes() - _allocated}";
    }

    /// <summary>One report was handled.</summary>
    internal void Handled(int sender, long content)
    {
        ref Line line = ref _seen[sender];
        line.Sum += content;
        if (++line.Count == _each && Interlocked.Decrement(ref _remaining) == 0)
        {
            _last = Role.Now;
            _complete.Set();
        }
    }

    // A cache line for each: the senders' handlers run on different processors.
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Line
    {
        [FieldOffset(0)]
        internal long Count;

        [FieldOffset(8)]
        internal long Sum;
    }
}
