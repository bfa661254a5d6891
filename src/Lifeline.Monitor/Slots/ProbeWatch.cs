using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>The outcomes of one probe of a living generation, counted.</summary>
internal sealed class ProbeWatch
{
    private int _good;
    private int _bad;

    /// <summary>Whether it is being probed.</summary>
    public bool IsOn { get; private set; }

    /// <summary>How it asks, as it was begun.</summary>
    public string Key { get; private set; } = "";

    /// <summary>What it found, after enough outcomes in a row: unknown before, then healthy or unhealthy.</summary>
    public ServiceHealth Verdict { get; private set; }

    /// <summary>What it said last.</summary>
    public string? Text { get; private set; }

    /// <summary>Failures in a row.</summary>
    public int FailuresInRow => _bad;

    public void Begin(string key)
    {
        (IsOn, Key) = (true, key);
        (_good, _bad) = (0, 0);
    }

    public void End() => IsOn = false;

    /// <summary>A new generation was not asked yet.</summary>
    public void Reset()
    {
        Begin("");
        IsOn = false;
        (Verdict, Text) = (ServiceHealth.Unknown, null);
    }

    public void Restore(ServiceHealth verdict) => Verdict = verdict;

    /// <summary>Counts an outcome; true if the verdict changed.</summary>
    public bool Take(bool isGood, string text, ProbeSpec spec)
    {
        Text = text;
        (_good, _bad) = isGood ? (_good + 1, 0) : (0, _bad + 1);
        var isEnough = isGood ? _good >= spec.Successes : _bad >= spec.Failures;
        var verdict = isGood ? ServiceHealth.Healthy : ServiceHealth.Unhealthy;
        if (!isEnough || Verdict == verdict) return false;
        Verdict = verdict;
        return true;
    }
}
