using System.Runtime.ExceptionServices;
using Lifeline.Linux;

namespace Lifeline.Ipc.Death;

/// <summary>The threads of this process that wait for the ends of others. They belong to no endpoint, as the processes that they wait for do not.</summary>
internal static class LifeWatch
{
    /// <summary>Threads at most. Of more processes than they can wait for, the ordinary notice is the only one.</summary>
    internal const int MaxThreads = 8;

    /// <summary>Processes that can be waited for at once.</summary>
    internal const int MaxLives = MaxThreads * LifeWaiter.MaxLives;

    private static readonly Lock s_gate = new();
    private static readonly List<LifeWaiter> s_waiters = [];
    private static readonly string? s_whyNot = Futex.CanWaitForMany(out Errno errno) ? null : $"this system cannot wait for many words at once: {errno}";

    /// <summary>Threads so far.</summary>
    internal static int Threads
    {
        get
        {
            lock (s_gate)
                return s_waiters.Count;
        }
    }

    /// <summary>Begins to wait for the end of a process.</summary>
    /// <param name="life">Whose end.</param>
    /// <returns>Why it is not waited for; null if it is.</returns>
    internal static string? TryAdd(PeerLife life)
    {
        if (s_whyNot is not null)
            return s_whyNot;
        lock (s_gate)
        {
            foreach (LifeWaiter waiter in s_waiters)
            {
                if (waiter.TryAdd(life))
                    return null;
            }

            if (s_waiters.Count == MaxThreads)
                return $"{MaxLives} processes are waited for already";
            var another = new LifeWaiter(null);
            s_waiters.Add(another);
            return another.TryAdd(life) ? null : "no thread could be begun";
        }
    }

    /// <summary>Begins a thread that waits for others and holds this process's words: both as long as the process lives.</summary>
    /// <exception cref="LinuxException">The kernel does not let it hold them.</exception>
    internal static void HoldFor(LifePage page)
    {
        using var done = new ManualResetEventSlim();
        ExceptionDispatchInfo? failure = null;
        var holder = new LifeWaiter(() =>
        {
            try
            {
                page.Hold();
            }
            catch (LinuxException e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }

            done.Set();
        });
        lock (s_gate)
            s_waiters.Add(holder);
        done.Wait();
        failure?.Throw();
    }
}
