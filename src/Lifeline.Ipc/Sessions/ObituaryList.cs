namespace Lifeline.Ipc.Sessions;

/// <summary>The death recipients of one session in the order of their registration. Thread-safe.</summary>
internal sealed class ObituaryList
{
    private readonly Lock _gate = new();
    private readonly LinkedList<DeathRegistration> _registrations = [];
    private bool _done;

    /// <summary>Adds a recipient.</summary>
    /// <returns>False if all were called already: this one is to be called on its own then.</returns>
    internal bool TryAdd(DeathRegistration registration)
    {
        lock (_gate)
        {
            if (_done)
                return false;
            // Disposed in the meantime: Remove has found nothing to remove.
            if (registration.IsActive)
                registration.Node = _registrations.AddLast(registration);
            return true;
        }
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
