namespace Lifeline.Monitor;

/// <summary>Which deaths are followed by a restart.</summary>
public enum RestartWhen
{
    /// <summary>Every death that nobody asked for.</summary>
    Always,

    /// <summary>Every death but an exit with one of the success codes, which leads to the state exited.</summary>
    OnFailure,

    /// <summary>None: an exit with a success code leads to the state exited, every other death to failed.</summary>
    Never,
}
