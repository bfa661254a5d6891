using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>Watches living instances through their pidfds and learns how they ended.</summary>
internal sealed class ExitWatch(InstanceTable instances, Epoll epoll)
{
    private int awaited; // instances that are dead and whose exit cannot be read yet

    public void Watch(Instance instance) => epoll.Add(instance.PidFd!, EpollEvents.In, Tag(instance));

    /// <summary>The pidfd of a living instance became readable, hung up, or its <see cref="Instance.ExitDeadline"/> passed.</summary>
    /// <param name="instance">Which.</param>
    /// <param name="isReaped">Its parent has reaped it: now or never its exit can be read.</param>
    /// <param name="now">CLOCK_MONOTONIC.</param>
    /// <returns>True if it is ended now.</returns>
    public bool Note(Instance instance, bool isReaped, long now)
    {
        bool isLast = isReaped || (instance.ExitDeadline != 0 && now >= instance.ExitDeadline);
        ExitStatus? exit = instance.IsChild ? instance.PidFd!.TryReap() : null;
        exit ??= isLast ? instance.PidFd!.TryGetExit() : null;
        if (exit is null && !isLast)
        {
            Await(instance, now);
            return false;
        }

        if (instance.ExitDeadline != 0) awaited--;
        else instance.ExitAt = MonotonicClock.Nanoseconds;
        instance.Exit = exit;
        epoll.Remove(instance.PidFd!);
        instances.Move(instance, InstanceState.Ended);
        return true;
    }

    /// <summary>
    /// Another process stands for the instance. Whose child it is, or will be when its parents end, is not known: reaping it is tried. An
    /// end of the former that was noted is void.
    /// </summary>
    public void Change(Instance instance, PidFd owned)
    {
        if (instance.State == InstanceState.Living)
        {
            if (instance.ExitDeadline != 0) awaited--;
            epoll.Remove(instance.PidFd!);
        }

        instance.DropPidFd();
        instance.Epoch++; // what epoll has still to say of the former is not about this one
        instance.PidFd = owned;
        instance.IsChild = true;
        instance.ExitDeadline = instance.ExitAt = 0;
        instance.Exit = null;
        instance.EndAnnounced = false;
        instance.StartAnnounced = true;
    }

    public bool CheckDeadlines(long now)
    {
        bool any = false;
        for (int i = 0; awaited > 0 && i < instances.Extent; i++)
        {
            if (instances[i] is { State: InstanceState.Living, ExitDeadline: > 0 } instance && instance.ExitDeadline <= now)
                any |= Note(instance, isReaped: false, now);
        }

        return any;
    }

    public long? NextDeadline()
    {
        long? next = null;
        for (int i = 0; awaited > 0 && i < instances.Extent; i++)
        {
            if (instances[i] is { State: InstanceState.Living, ExitDeadline: > 0 } instance && (next is null || instance.ExitDeadline < next))
                next = instance.ExitDeadline;
        }

        return next;
    }

    // Not our child: its exit can be read once its parent has reaped it, which the kernel reports as a hang-up.
    private void Await(Instance instance, long now)
    {
        if (instance.ExitDeadline != 0) return;
        instance.ExitAt = MonotonicClock.Nanoseconds;
        instance.ExitDeadline = now + KeeperTiming.Nanoseconds(KeeperTiming.ExitInformationGrace);
        awaited++;
        epoll.Modify(instance.PidFd!, EpollEvents.None, Tag(instance));
    }

    private static ulong Tag(Instance instance) => EventTag.Make(EventSource.Instance, instance.Index, instance.Epoch);
}
