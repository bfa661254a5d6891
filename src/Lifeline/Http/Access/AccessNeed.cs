namespace Lifeline.Http;

/// <summary>What a call asks of its caller; metadata of its endpoint.</summary>
internal enum AccessNeed
{
    /// <summary>Nothing: the dashboard's files, a sign of life.</summary>
    None,

    /// <summary>To see states and events.</summary>
    Read,

    /// <summary>To see what may hold secrets: logs, environments.</summary>
    ReadSecret,

    /// <summary>To give orders.</summary>
    Change,
}
