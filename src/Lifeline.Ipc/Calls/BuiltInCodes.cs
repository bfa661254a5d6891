namespace Lifeline.Ipc.Calls;

/// <summary>Requests that the kit answers itself; their numbers are upstream's.</summary>
internal static class BuiltInCodes
{
    /// <summary>'_PNG': a sign of life.</summary>
    internal const uint Ping = 0x5F50_4E47;

    /// <summary>'_NTF': the descriptor of the stub's interface.</summary>
    internal const uint Descriptor = 0x5F4E_5446;

    /// <summary>'_DMP': what the stub has to say about itself, written to a descriptor that comes along.</summary>
    internal const uint Dump = 0x5F44_4D50;

    internal static bool IsBuiltIn(uint code) => code is Ping or Descriptor or Dump;
}
