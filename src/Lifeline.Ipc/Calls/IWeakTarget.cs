namespace Lifeline.Ipc.Calls;

/// <summary>What a weak proxy remembers.</summary>
internal interface IWeakTarget
{
    /// <summary>The target with one more handle counted; null if nothing holds it any more.</summary>
    ProxyTarget? TryHold();
}
