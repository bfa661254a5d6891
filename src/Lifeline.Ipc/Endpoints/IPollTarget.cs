using Lifeline.Linux;

namespace Lifeline.Ipc.Endpoints;

/// <summary>Whoever watches a descriptor through the receive loop.</summary>
internal interface IPollTarget
{
    /// <summary>The descriptor is ready. On the receive thread.</summary>
    void OnReady(EpollEvents events);
}

/// <summary>Whoever can ask for a turn on the receive thread.</summary>
internal interface IAttention
{
    /// <summary>Notes that a turn is wanted.</summary>
    /// <returns>False if it was noted already.</returns>
    bool TrySchedule();

    /// <summary>The turn. On the receive thread.</summary>
    void OnAttention();
}
