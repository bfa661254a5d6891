using System.Text;
using Lifeline.Ipc;

namespace Lifeline.Contracts;

/// <summary>The small answers: registration, reload, the monitor itself.</summary>
internal static class AnswerCodec
{
    private const int MaxLineBytes = 1024;
    private const int MaxPathBytes = 4096;

    public static void WriteRegistration(Parcel reply, RegistrationResult result)
    {
        reply.WriteOptionalText(result.Service, CallLimits.MaxNameBytes, "The name of a service");
        reply.WriteInt32(result.Generation);
        reply.WriteBoolean(result.HeartbeatInterval is not null);
        reply.WriteDuration(result.HeartbeatInterval ?? TimeSpan.Zero);
    }

    public static RegistrationResult ReadRegistration(Parcel reply)
    {
        var service = reply.ReadOptionalText(CallLimits.MaxNameBytes, "The name of a service");
        var generation = reply.ReadInt32();
        var beats = reply.ReadBoolean();
        var interval = reply.ReadDuration();
        return new RegistrationResult(service, generation, beats ? interval : null);
    }

    public static void WriteReload(Parcel reply, ReloadResult result)
    {
        reply.WriteBoolean(result.Applied);
        WriteLines(reply, result.Changes);
        WriteLines(reply, result.Errors);
    }

    public static ReloadResult ReadReload(Parcel reply)
    {
        var applied = reply.ReadBoolean();
        var changes = ReadLines(reply);
        return new ReloadResult(applied, changes, ReadLines(reply));
    }

    public static void WriteInfo(Parcel reply, MonitorInfo info)
    {
        reply.WriteText(info.Version, MaxLineBytes, "The version");
        reply.WriteInt32(info.Pid);
        reply.WriteInt32(info.KeeperPid);
        reply.WriteTime(info.StartedAt);
        reply.WriteText(info.ConfigurationFile, MaxPathBytes, "The path of the configuration");
        reply.WriteText(info.RunDirectory, MaxPathBytes, "The path of the run folder");
        reply.WriteText(info.StateDirectory, MaxPathBytes, "The path of the state folder");
        reply.WriteOptionalText(info.HttpUrl, MaxLineBytes, "The URL of the dashboard");
        reply.WriteText(info.JournalEpoch, MaxLineBytes, "The epoch of the journal");
    }

    public static MonitorInfo ReadInfo(Parcel reply) => new()
    {
        Version = reply.ReadText(MaxLineBytes, "The version"),
        Pid = reply.ReadInt32(),
        KeeperPid = reply.ReadInt32(),
        StartedAt = reply.ReadTime(),
        ConfigurationFile = reply.ReadText(MaxPathBytes, "The path of the configuration"),
        RunDirectory = reply.ReadText(MaxPathBytes, "The path of the run folder"),
        StateDirectory = reply.ReadText(MaxPathBytes, "The path of the state folder"),
        HttpUrl = reply.ReadOptionalText(MaxLineBytes, "The URL of the dashboard"),
        JournalEpoch = reply.ReadText(MaxLineBytes, "The epoch of the journal"),
    };

    private static void WriteLines(Parcel reply, IReadOnlyList<string> lines)
    {
        var left = lines.Count - CallLimits.MaxReloadLines;
        reply.WriteInt32(Math.Min(lines.Count, CallLimits.MaxReloadLines));
        for (var index = 0; index < lines.Count && index < CallLimits.MaxReloadLines; index++)
        {
            var isLast = left > 0 && index == CallLimits.MaxReloadLines - 1;
            reply.WriteText(isLast ? $"… and {left + 1} more" : Cut(lines[index]), MaxLineBytes, "A line about a reload");
        }
    }

    private static IReadOnlyList<string> ReadLines(Parcel reply)
    {
        var lines = new string[reply.ReadCount(CallLimits.MaxReloadLines, "The number of lines about a reload")];
        for (var index = 0; index < lines.Length; index++)
            lines[index] = reply.ReadText(MaxLineBytes, "A line about a reload");
        return lines;
    }

    private static string Cut(string line) =>
        Encoding.UTF8.GetByteCount(line) <= MaxLineBytes ? line : string.Concat(line.AsSpan(0, (MaxLineBytes / 3) - 1), "…");
}
