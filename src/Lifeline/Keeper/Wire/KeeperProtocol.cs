namespace Lifeline.Keeper;

/// <summary>
/// The numbers on which keeper and monitor agree. A keeper lives longer than the binary that started it, so what stands
/// here is only ever added to: new kinds get new numbers, new fields go to the end of a message, nothing is renumbered.
/// </summary>
internal static class KeeperProtocol
{
    /// <summary>Sent in the keeper's first message. Raised when a field or kind is added that a monitor may want to know about.</summary>
    public const int Version = 4;

    /// <summary>From this version on a keeper makes control groups for its launchers (<see cref="KeeperMessageKind.GroupFolder"/>).</summary>
    public const int SpareGroupsVersion = 2;

    /// <summary>From this version on a keeper knows <see cref="KeeperMessageKind.ChangeMain"/> and names up to <see cref="MaxNameBytes"/>.</summary>
    public const int MainChangeVersion = 3;

    /// <summary>
    /// From this version on launchers write values into their control groups and run a command before the start, and a keeper can be
    /// given another name and be replaced by another program in place.
    /// </summary>
    public const int HooksVersion = 4;

    /// <summary>Where a monitor, an adopting keeper or a launcher finds its socket.</summary>
    public const int LinkDescriptor = 3;

    /// <summary>Where a monitor or a launcher finds the run folder's lock; it is held until the last of them is gone.</summary>
    public const int LockDescriptor = 4;

    /// <summary>Kind (2 bytes), flags (2), reserved (4), request id (8).</summary>
    public const int HeaderSize = 16;

    /// <summary>Largest message in bytes. What limits it is the default send buffer of a Unix socket.</summary>
    public const int MaxMessage = 160 * 1024;

    /// <summary>Largest name of a slot or descriptor in UTF-8 bytes: the name of a service, a path of a socket or a name it gave itself, and what they are for.</summary>
    public const int MaxNameBytes = 384;

    /// <summary>The same for keepers before <see cref="MainChangeVersion"/>.</summary>
    public const int OldMaxNameBytes = 128;

    /// <summary>Named descriptors a keeper holds.</summary>
    public const int MaxDescriptors = 131_072;

    /// <summary>Slots a keeper remembers; a slot outlives its instances because a generation is accepted only once.</summary>
    public const int MaxSlots = 32_768;

    /// <summary>Instances being launched, living, or ended and not yet acknowledged. At this limit launches are refused.</summary>
    public const int MaxInstances = 16_384;

    /// <summary>Descriptors of one launch, standard output and error included.</summary>
    public const int MaxLaunchDescriptors = 64;

    /// <summary>Highest number a descriptor may get in a service.</summary>
    public const int MaxDescriptorTarget = 1023;

    /// <summary>Longest text of a failure in UTF-8 bytes; longer ones are cut.</summary>
    public const int MaxTextBytes = 4_096;

    /// <summary>Longest path of a control group in UTF-8 bytes, the kernel's own limit of paths.</summary>
    public const int MaxPathBytes = 4_096;

    /// <summary>Messages a monitor may have waiting while its keeper does not read.</summary>
    public const int MaxOutbox = 8_192;
}
