using Lifeline.Ipc.Dispatch;
using Lifeline.Linux;

namespace Lifeline.Ipc.Endpoints;

/// <summary>Whoever watches a descriptor through the receive loop.</summary>
internal interface IPollTarget
{
    /// <summary>The descriptor is ready. On the thread that receives.</summary>
    /// <param name="events">What happened.</param>
    /// <param name="batch">For requests that this thread may run itself.</param>
    /// <returns>False if another thread receives by now: this one must touch nothing of the loop's any more.</returns>
    bool OnReady(EpollEvents events, InlineBatch batch);
}

/// <summary>Whoever can ask for a turn on the thread that receives.</summary>
internal interface IAttention
{
    /// <summary>Notes that a turn is wanted.</summary>
    /// <returns>False if it was noted already.</returns>
    bool TrySchedule();

    /// <summary>The turn, as for <see cref="IPollTarget.OnReady"/>.</summary>
    bool OnAttention(InlineBatch batch);
}
