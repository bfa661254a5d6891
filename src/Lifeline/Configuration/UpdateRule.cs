namespace Lifeline.Configuration;

/// <summary>How a service goes from one generation to the next on order.</summary>
internal enum UpdateRule
{
    /// <summary>The old one ends first.</summary>
    Replace,

    /// <summary>The new one is ready before the old one is asked to stop.</summary>
    Overlap,
}
