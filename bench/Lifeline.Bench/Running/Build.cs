namespace Lifeline.Bench.Running;

/// <summary>How this program was built.</summary>
internal static class Build
{
    /// <summary>Whether it was compiled to machine code ahead of time. The runtime's own switch is set for both builds of a project that can be published so.</summary>
    internal static bool IsNative { get; } = !File.Exists(Path.Combine(AppContext.BaseDirectory, "Lifeline.Bench.dll"));
}
