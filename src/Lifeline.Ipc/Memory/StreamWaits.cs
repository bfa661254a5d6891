using System.Collections.Concurrent;
using Lifeline.Linux;

namespace Lifeline.Ipc;

/// <summary>
/// The thread that waits for all streams of this process on which somebody waits asynchronously. It starts with the first one and never runs
/// anybody's code: what continues does so on the thread pool.
/// </summary>
internal sealed class StreamWaits
{
    private static readonly Lazy<StreamWaits> Instance = new(() => new StreamWaits());

    private readonly Epoll _epoll = Epoll.Create();
    private readonly ConcurrentDictionary<ulong, StreamWait> _waits = new();
    private ulong _last;

    private StreamWaits() => new Thread(Run) { IsBackground = true, Name = "lifeline-streams" }.Start();

    internal static StreamWaits Shared => Instance.Value;

    internal ulong Add(StreamWait wait, Descriptor descriptor)
    {
        var tag = Interlocked.Increment(ref _last);
        _waits[tag] = wait;
        try
        {
            _epoll.Add(descriptor, EpollEvents.OneShot, tag);
            return tag;
        }
        catch
        {
            _waits.TryRemove(tag, out _);
            throw;
        }
    }

    internal void Arm(Descriptor descriptor, ulong tag) => _epoll.Modify(descriptor, EpollEvents.In | EpollEvents.ReadHangUp | EpollEvents.OneShot, tag);

    internal void Remove(Descriptor descriptor, ulong tag)
    {
        _waits.TryRemove(tag, out _);
        _epoll.Remove(descriptor);
    }

    private void Run()
    {
        var events = new EpollEvent[Epoll.MaxEvents];
        while (true)
        {
            var count = _epoll.Wait(events, -1);
            for (var i = 0; i < count; i++)
                if (_waits.TryGetValue(events[i].Tag, out var wait))
                    wait.Wake();
        }
    }
}
