using System.Collections.Concurrent;
using Lifeline.Linux;
using Lifeline.Monitor;

namespace Lifeline.Logs;

/// <summary>
/// Brings the output of all services from their pipes to their files, on one thread. Safe for any thread; what it is asked to do is done in order
/// on its own thread, and the tasks complete then.
/// </summary>
internal sealed class LogCollector : IDisposable
{
    private const ulong CommandTag = 0;

    private readonly LogOptions _options;
    private readonly TimeProvider _time;
    private readonly Epoll _epoll = Epoll.Create();
    private readonly EventFd _wake = EventFd.Create();
    private readonly PipePeek _peek = new();
    private readonly LogMover _mover;
    private readonly ConcurrentQueue<Action> _commands = new();
    private readonly Dictionary<ulong, LogPipe> _pipes = [];
    private readonly ConcurrentDictionary<string, ServiceLog> _services = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _arrivals = new(StringComparer.Ordinal);
    private readonly Thread _thread;
    private ulong _nextTag = 1;
    private volatile bool _stopping;

    public LogCollector(LogOptions options, TimeProvider? time = null)
    {
        _options = options;
        _time = time ?? TimeProvider.System;
        _mover = new LogMover(options, _time);
        _epoll.Add(_wake, EpollEvents.In, CommandTag);
        _thread = new Thread(Run) { IsBackground = true, Name = "logs" };
        _thread.Start();
    }

    /// <summary>Told of output that was dropped, on the collector's thread: it must not wait. Set before the first service is added.</summary>
    public Action<LogLoss> Lost
    {
        get => _mover.Lost;
        set => _mover.Lost = value;
    }

    /// <summary>
    /// Begins to collect. The pipes' read ends are duplicated: the caller keeps its own. A slot that is there already is replaced. The slots of a
    /// service write into the same files.
    /// </summary>
    /// <exception cref="IOException">Files that an earlier collector left cannot be opened.</exception>
    public Task AddAsync(string slot, int generation, Descriptor standardOutput, Descriptor standardError, LogLimits limits)
    {
        var output = standardOutput.Duplicate();
        var error = standardError.Duplicate();
        return Post(() => Add(slot, generation, output, error, limits));
    }

    /// <summary>Other limits from the next rotation on.</summary>
    public Task ReplaceAsync(string service, LogLimits limits) => Post(() =>
    {
        if (_services.TryGetValue(service, out var log))
            log.Limits = limits;
    });

    /// <summary>Takes what the former generation still has in the pipes, ends its last line, and counts what comes as the new one's.</summary>
    public Task BeginGenerationAsync(string slot, int generation) => Post(() =>
    {
        if (!_services.TryGetValue(SlotKeys.ServiceOf(slot), out var log))
            return;
        var pipes = log.PipesOf(slot);
        Drain(pipes, now: true);
        foreach (var pipe in pipes)
        {
            _mover.EndGeneration(pipe);
            pipe.Generation = generation;
            GiveTurns(pipe);
        }
    });

    /// <summary>Completes when what is in the pipes now is in the files.</summary>
    public async Task FlushAsync(string service)
    {
        var allHaveSpoken = Task.CompletedTask;
        await Post(() =>
        {
            if (!_services.TryGetValue(service, out var log))
                return;
            Drain(log.Pipes, now: false);
            allHaveSpoken = log.AllHaveSpoken;
        }).ConfigureAwait(false);
        await allHaveSpoken.ConfigureAwait(false);
    }

    /// <summary>Takes what is in the pipes of a slot and lets go of them. The files stay.</summary>
    public Task RemoveAsync(string slot) => Post(() =>
    {
        if (_services.TryGetValue(SlotKeys.ServiceOf(slot), out var log))
            Remove(log, log.PipesOf(slot));
    });

    /// <summary>What happened to a service's output; null for an unknown one. Values may be a moment old.</summary>
    public LogCounters? Counters(string service) => _services.TryGetValue(service, out var log) ? log.Counters : null;

    /// <summary>Completes when more output of the service has been written after this call.</summary>
    public Task WaitForOutputAsync(string service, CancellationToken cancellation) =>
        _arrivals.GetOrAdd(service, _ => NewSignal()).Task.WaitAsync(cancellation);

    /// <summary>Takes what is in the pipes, then ends.</summary>
    public void Dispose()
    {
        if (_stopping)
            return;
        _stopping = true;
        _wake.Signal();
        _thread.Join();
        _mover.Dispose();
        _peek.Dispose();
        _wake.Dispose();
        _epoll.Dispose();
    }

    private void Run()
    {
        var events = new EpollEvent[Epoll.MaxEvents];
        while (!_stopping)
        {
            var count = _epoll.Wait(events, NextTimeout());
            for (var i = 0; i < count; i++)
            {
                if (events[i].Tag == CommandTag)
                    RunCommands();
                else if (_pipes.TryGetValue(events[i].Tag, out var pipe))
                    Serve(pipe);
            }

            RetryFailed();
        }

        RunCommands();
        foreach (var log in _services.Values)
            Remove(log, log.Pipes);
        foreach (var signal in _arrivals.Values)
            signal.TrySetResult();
    }

    private void RunCommands()
    {
        _wake.Drain();
        while (_commands.TryDequeue(out var command))
            command();
    }

    private void Serve(LogPipe pipe)
    {
        _mover.Move(pipe);
        Watch(pipe);
        GiveTurns(pipe);
        Tell(pipe.Service.Name);
    }

    /// <summary>Those who waited for the line of this one.</summary>
    private void GiveTurns(LogPipe pipe)
    {
        foreach (var other in pipe.Service.OthersOf(pipe))
        {
            if (other.WaitsSince == 0)
                continue;
            _mover.Move(other);
            Watch(other);
        }

        pipe.Service.NoteTurns();
    }

    /// <summary>
    /// A pipe whose file cannot be written is not watched: it would be ready all the time. It is tried again after a while. So is one that waits for
    /// another's line to end.
    /// </summary>
    private void Watch(LogPipe pipe)
    {
        var watch = !pipe.Ended && pipe.RetryAt == 0 && pipe.WaitsSince == 0;
        if (watch == pipe.Watched)
            return;
        if (watch)
            _epoll.Add(pipe.Pipe, EpollEvents.In, pipe.Tag);
        else
            _epoll.Remove(pipe.Pipe);
        pipe.Watched = watch;
    }

    private void RetryFailed()
    {
        var now = _time.GetTimestamp();
        foreach (var pipe in _pipes.Values)
        {
            if ((pipe.RetryAt != 0 && pipe.RetryAt <= now) || pipe.WaitsSince != 0)
                Serve(pipe);
        }
    }

    private int NextTimeout()
    {
        foreach (var pipe in _pipes.Values)
        {
            if (pipe.RetryAt != 0 || pipe.WaitsSince != 0)
                return (int)Math.Max(1, _options.RetryInterval.TotalMilliseconds);
        }

        return -1;
    }

    private void Add(string slot, int generation, Descriptor output, Descriptor error, LogLimits limits)
    {
        var service = SlotKeys.ServiceOf(slot);
        try
        {
            if (_services.TryGetValue(service, out var old))
                Remove(old, old.PipesOf(slot));
            if (!_services.TryGetValue(service, out var log))
                _services[service] = log = new ServiceLog(service, _options, limits, _peek);
            log.Limits = limits;
            log.Add(slot, generation, _nextTag, output, error);
        }
        catch
        {
            output.Dispose();
            error.Dispose();
            throw;
        }

        _nextTag += 2;
        foreach (var pipe in _services[service].PipesOf(slot))
        {
            _pipes[pipe.Tag] = pipe;
            Watch(pipe);
        }
    }

    private void Remove(ServiceLog log, IReadOnlyList<LogPipe> pipes)
    {
        Drain(pipes, now: true);
        var othersStay = log.Pipes.Count > pipes.Count;
        foreach (var pipe in pipes)
        {
            // Nobody will end its line any more, and others write on.
            if (othersStay)
                _mover.EndGeneration(pipe);
            _pipes.Remove(pipe.Tag);
            if (pipe.Watched)
                _epoll.Remove(pipe.Pipe);
            log.Remove(pipe);
            GiveTurns(pipe);
        }

        if (log.Pipes.Count > 0)
            return;
        _services.TryRemove(log.Name, out _);
        log.Dispose();
    }

    /// <summary>Moves everything that is in the pipes, within a bound for those that never stop writing.</summary>
    private void Drain(IReadOnlyList<LogPipe> pipes, bool now)
    {
        const int MaxRounds = 64;
        var more = true;
        for (var round = 0; round < MaxRounds && more; round++)
        {
            more = false;
            foreach (var pipe in pipes)
            {
                more |= !pipe.Ended && _mover.Move(pipe, now);
                Watch(pipe);
                GiveTurns(pipe);
            }
        }

        if (pipes.Count > 0)
            Tell(pipes[0].Service.Name);
    }

    private void Tell(string service)
    {
        if (_arrivals.TryRemove(service, out var signal))
            signal.TrySetResult();
    }

    private Task Post(Action command)
    {
        var done = NewSignal();
        _commands.Enqueue(() =>
        {
            try
            {
                command();
                done.TrySetResult();
            }
            catch (Exception e)
            {
                // Whoever asked is told; the thread goes on for all others.
                done.TrySetException(e);
            }
        });
        if (_stopping)
            return Task.FromException(new ObjectDisposedException(nameof(LogCollector)));
        _wake.Signal();
        return done.Task;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
