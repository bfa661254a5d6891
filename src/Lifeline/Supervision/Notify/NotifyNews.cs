using Lifeline.Linux;

namespace Lifeline.Supervision;

/// <summary>What one generation said since the decision loop last looked: the latest of each kind. Not thread-safe.</summary>
internal sealed class NotifyNews
{
    /// <summary>Changes of its life that are kept; of more than that the first go, and the last is what counts.</summary>
    public const int MaxLives = 16;

    private readonly List<LifeWord> _lives = [];

    public int Generation { get; init; }

    /// <summary>In their order, none twice in a row.</summary>
    public IReadOnlyList<LifeWord> Lives => _lives;

    public string? Status { get; private set; }

    public bool Beat { get; private set; }

    public bool Trouble { get; private set; }

    public TimeSpan? Heartbeat { get; private set; }

    public TimeSpan? MoreTime { get; private set; }

    public int? Errno { get; private set; }

    public string? ExitStatus { get; private set; }

    public string? BusError { get; private set; }

    /// <summary>The process that is the main one from now on, proven to be of this generation.</summary>
    public MainCandidate? Main { get; private set; }

    public bool IsEmpty { get; private set; } = true;

    public void Add(NotifyMessage message, MainCandidate? main)
    {
        if (message.Life is { } life && (_lives.Count == 0 || _lives[^1] != life))
        {
            if (_lives.Count == MaxLives)
                _lives.RemoveRange(0, 2);
            _lives.Add(life);
        }

        Status = message.Status ?? Status;
        Beat |= message.Beat;
        Trouble |= message.Trouble;
        Heartbeat = message.Heartbeat ?? Heartbeat;
        MoreTime = message.MoreTime ?? MoreTime;
        Errno = message.Errno ?? Errno;
        ExitStatus = message.ExitStatus ?? ExitStatus;
        BusError = message.BusError ?? BusError;
        if (main is not null)
        {
            Main?.Process.Dispose();
            Main = main;
        }

        IsEmpty &= !message.IsNews && main is null;
    }
}

/// <summary>A process that a service named as its main one.</summary>
/// <param name="Pid">Its number.</param>
/// <param name="StartTicks">Its start time in clock ticks since boot.</param>
/// <param name="Process">Names it for good, also when it is dead.</param>
internal sealed record MainCandidate(int Pid, long StartTicks, PidFd Process);
