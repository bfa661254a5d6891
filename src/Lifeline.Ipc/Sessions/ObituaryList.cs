namespace Lifeline.Ipc.Sessions;

/// <summary>The death recipients of one session in the order of their registration. Thread-safe.</summary>
internal sealed class ObituaryList
{
    private readonly Lock _gate = new();
    private readonly LinkedList<DeathRegistration> _registrations = [];
    private readonly Queue<DeathRegistration> _early = [];
    private bool _isEarly;
    private bool _done;

    /// <summary>Adds a recipient.</summary>
    /// <param name="registration">The recipient.</param>
    /// <param name="early">If it is to be called on its own: whether that is an early call.</param>
    /// <returns>False if all of its kind were called already: this one is to be called on its own then.</returns>
    internal bool TryAdd(DeathRegistration registration, out bool early)
    {
        lock (_gate)
        {
            early = _isEarly && !_done && registration.Timing == DeathTiming.Early;
            if (_done || early)
                return false;
            // Disposed in the meantime: Remove has found nothing to remove.
            if (registration.IsActive)
                registration.Node = _registrations.AddLast(registration);
            return true;
        }
    }

    /// <summary>The time of the early ones has come: those that are here are taken with <see cref="TakeEarly"/>, others are called on their own.</summary>
    internal void BeginEarly()
    {
        lock (_gate)
        {
            _isEarly = true;
            for (LinkedListNode<DeathRegistration>? node = _registrations.First, next; node is not null; node = next)
            {
                next = node.Next;
                if (node.Value.Timing != DeathTiming.Early)
                    continue;
                _registrations.Remove(node);
                _early.Enqueue(node.Value);
            }
        }
    }

    /// <summary>Takes the next early recipient. It may have been removed meanwhile: it knows that itself.</summary>
    internal DeathRegistration? TakeEarly()
    {
        lock (_gate)
            return _early.TryDequeue(out DeathRegistration? first) ? first : null;
    }

    internal void Remove(DeathRegistration registration)
    {
        lock (_gate)
        {
            if (registration.Node?.List == _registrations)
                _registrations.Remove(registration.Node);
            registration.Node = null;
        }
    }

    /// <summary>Takes the next recipient; the first null ends the list for good.</summary>
    internal DeathRegistration? Take()
    {
        lock (_gate)
        {
            DeathRegistration? first = _registrations.First?.Value;
            if (first is null)
                _done = true;
            else
                _registrations.RemoveFirst();
            return first;
        }
    }
}
