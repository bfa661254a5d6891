namespace Lifeline.Keeper;

/// <summary>Flags in the header of a message. Bits that are not known are ignored.</summary>
[Flags]
internal enum FrameFlags : ushort
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A receiver that does not know the kind answers <see cref="KeeperMessageKind.NotUnderstood"/>; without this flag it ignores the message.</summary>
    AnswerIfUnknown = 1,

    /// <summary>A launch that needs the launcher's own control group.</summary>
    OwnGroup = 2,
}
