namespace Lifeline.Supervision;

/// <summary>
/// What one service told through its notify socket and the decision loop has not seen yet: at most one of each kind, so that no
/// flood of messages can fill the mailbox. Safe for any thread.
/// </summary>
internal sealed class NotifyInbox(string service)
{
    private readonly Lock _gate = new();
    private int _generation;
    private bool _ready;
    private bool _beat;
    private string? _text;
    private bool _waits;

    public string Service => service;

    /// <summary>Takes a message; true if the loop must be told to look.</summary>
    public bool Take(int generation, string message)
    {
        lock (_gate)
        {
            if (generation != _generation)
                (_generation, _ready, _beat, _text) = (generation, false, false, null);
            foreach (var line in message.AsSpan().Split('\n'))
                Take(message.AsSpan()[line]);
            if (_waits || !(_ready || _beat || _text is not null))
                return false;
            return _waits = true;
        }
    }

    /// <summary>Gives what waits, once.</summary>
    public (int Generation, bool Ready, bool Beat, string? Text) Empty()
    {
        lock (_gate)
        {
            var taken = (_generation, _ready, _beat, _text);
            (_ready, _beat, _text, _waits) = (false, false, null, false);
            return taken;
        }
    }

    private void Take(ReadOnlySpan<char> line)
    {
        const string status = "STATUS=";
        if (line.SequenceEqual("READY=1"))
            _ready = true;
        else if (line.SequenceEqual("WATCHDOG=1"))
            _beat = true;
        else if (line.StartsWith(status, StringComparison.Ordinal))
            _text = line[status.Length..].ToString();
    }
}
