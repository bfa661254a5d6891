namespace Lifeline.Supervision;

/// <summary>
/// What one service told through its notify socket and the decision loop has not seen yet: at most one of each kind, so that no
/// flood of messages can fill the mailbox. Safe for any thread.
/// </summary>
internal sealed class NotifyInbox(string service)
{
    private readonly Lock _gate = new();
    private NotifyNews _news = new();
    private bool _waits;

    public string Service => service;

    /// <summary>Takes a message; true if the loop must be told to look.</summary>
    public bool Take(int generation, NotifyMessage message, MainCandidate? main = null)
    {
        lock (_gate)
        {
            if (generation != _news.Generation)
            {
                _news.Main?.Process.Dispose();
                _news = new NotifyNews { Generation = generation };
            }

            _news.Add(message, main);
            if (_waits || _news.IsEmpty)
                return false;
            return _waits = true;
        }
    }

    /// <summary>Gives what waits, once.</summary>
    public NotifyNews Empty()
    {
        lock (_gate)
        {
            var taken = _news;
            _news = new NotifyNews { Generation = taken.Generation };
            _waits = false;
            return taken;
        }
    }
}
