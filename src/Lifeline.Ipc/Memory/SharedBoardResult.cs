namespace Lifeline.Ipc;

/// <summary>What a look at a slot of a board found.</summary>
public enum SharedBoardResult
{
    /// <summary>The last whole value.</summary>
    Value,

    /// <summary>Nothing was ever written there.</summary>
    Empty,

    /// <summary>The writer was faster than the reader, time and again; try later.</summary>
    Busy,

    /// <summary>What stands there was not written by the rules.</summary>
    Spoiled,
}
