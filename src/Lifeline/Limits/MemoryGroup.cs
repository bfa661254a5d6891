using System.Globalization;
using Lifeline.Linux;

namespace Lifeline.Limits;

/// <summary>A control group that counts memory.</summary>
/// <param name="Version">Of which kind.</param>
/// <param name="Path">Its folder.</param>
internal readonly record struct MemoryGroup(ControlGroupVersion Version, string Path)
{
    // Without a limit version 1 says the greatest number of pages, version 2 "max".
    private const long Unlimited = long.MaxValue / 2;

    // Memory is asked for in steps: the one that is refused ends a little below the limit.
    private const int Slack = 20;

    private bool IsV2 => Version == ControlGroupVersion.V2;

    /// <summary>Whether the kernel holds it to a limit.</summary>
    public bool IsLimited => Limit is < Unlimited;

    /// <summary>The most it ever had, with what was swapped out; null where the kernel does not tell.</summary>
    public long? Peak => Number(Read(IsV2 ? "memory.peak" : "memory.memsw.max_usage_in_bytes")) ?? Number(Read("memory.max_usage_in_bytes"));

    /// <summary>
    /// Whether the kernel ended a process in it because it was at its limit. One that it ended because the whole machine was out of
    /// memory is none of these.
    /// </summary>
    public bool HasEndedOne => Counter(IsV2 ? "memory.events" : "memory.oom_control", "oom_kill") > 0 && WasAtLimit;

    private long? Limit => Number(Read(IsV2 ? "memory.max" : "memory.limit_in_bytes"));

    // Version 1 has counters of refusals, which some kernels do not keep any more.
    private bool WasAtLimit => IsV2 ? Counter("memory.events", "oom") > 0 : Peak >= Limit - (Limit / Slack);

    private string? Read(string file) => ProcFs.TryReadText(System.IO.Path.Combine(Path, file));

    private long Counter(string file, string name)
    {
        foreach (var line in (Read(file) ?? "").Split('\n'))
            if (line.Split(' ') is [var key, var value] && key == name)
                return Number(value) ?? 0;
        return 0;
    }

    private static long? Number(string? text) => long.TryParse(text, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number) ? number : null;
}
