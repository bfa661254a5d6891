using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Lifeline.Supervision;

/// <summary>
/// Reads the datagrams of sd_notify(3): NAME=VALUE lines, the last with or without its end. As with systemd, the first of several
/// equal names counts (of READY, RELOADING and STOPPING the last), and what is not understood is no error.
/// </summary>
internal static class NotifyParser
{
    /// <summary>Longest message in bytes; a longer one is dropped whole.</summary>
    public const int MaxMessage = 8192;

    /// <summary>Longest name of a stored descriptor, as systemd has it.</summary>
    public const int MaxDescriptorName = 255;

    private const ulong TicksPerMicrosecond = TimeSpan.TicksPerMicrosecond;

    /// <summary>Reads one datagram.</summary>
    /// <param name="datagram">Its bytes.</param>
    /// <param name="refusal">Why it is dropped, if it is.</param>
    /// <returns>The message; null if it is dropped.</returns>
    public static NotifyMessage? Parse(ReadOnlySpan<byte> datagram, out string? refusal)
    {
        refusal = null;
        if (datagram.Length > 0 && datagram[^1] == 0)
            datagram = datagram[..^1];
        if (datagram.Contains((byte)0))
        {
            refusal = "it holds a zero byte";
            return null;
        }

        var message = new NotifyMessage();
        foreach (var range in datagram.Split((byte)'\n'))
        {
            var line = datagram[range];
            var equals = line.IndexOf((byte)'=');
            if (equals > 0)
                message = Take(message, line[..equals], line[(equals + 1)..]);
        }

        return message;
    }

    private static NotifyMessage Take(NotifyMessage message, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => name switch
    {
        _ when name.SequenceEqual("READY"u8) => IsOne(value) ? message with { Life = LifeWord.Ready } : message,
        _ when name.SequenceEqual("RELOADING"u8) => IsOne(value) ? message with { Life = LifeWord.Reloading } : message,
        _ when name.SequenceEqual("STOPPING"u8) => IsOne(value) ? message with { Life = LifeWord.Stopping } : message,
        _ when name.SequenceEqual("STATUS"u8) => message with { Status = message.Status ?? Text(value) },
        _ when name.SequenceEqual("WATCHDOG"u8) => Watchdog(message, value),
        _ when name.SequenceEqual("WATCHDOG_USEC"u8) => message with { Heartbeat = message.Heartbeat ?? Heartbeat(value) },
        _ when name.SequenceEqual("EXTEND_TIMEOUT_USEC"u8) => message with { MoreTime = message.MoreTime ?? Duration(value) },
        _ when name.SequenceEqual("MAINPID"u8) => message with { MainPid = message.MainPid ?? Pid(value) },
        _ when name.SequenceEqual("ERRNO"u8) => message with { Errno = message.Errno ?? Number(value) },
        _ when name.SequenceEqual("EXIT_STATUS"u8) => message with { ExitStatus = message.ExitStatus ?? Text(value) },
        _ when name.SequenceEqual("BUSERROR"u8) => message with { BusError = message.BusError ?? Text(value) },
        _ when name.SequenceEqual("NOTIFYACCESS"u8) => message with { Access = message.Access ?? Access(value) },
        _ when name.SequenceEqual("FDSTORE"u8) => IsOne(value) ? message with { Stores = true } : message,
        _ when name.SequenceEqual("FDSTOREREMOVE"u8) => IsOne(value) ? message with { Removes = true } : message,
        _ when name.SequenceEqual("FDNAME"u8) => message with { DescriptorName = message.DescriptorName ?? DescriptorName(value) },
        _ when name.SequenceEqual("FDPOLL"u8) => value.SequenceEqual("0"u8) ? message with { IsUnpolled = true } : message,
        _ when name.SequenceEqual("BARRIER"u8) => IsOne(value) ? message with { IsBarrier = true } : message,
        _ => message,
    };

    private static bool IsOne(ReadOnlySpan<byte> value) => value.SequenceEqual("1"u8);

    private static string? Text(ReadOnlySpan<byte> value) => Utf8.IsValid(value) ? Encoding.UTF8.GetString(value) : null;

    private static NotifyMessage Watchdog(NotifyMessage message, ReadOnlySpan<byte> value)
    {
        if (IsOne(value))
            return message with { Beat = true };
        return value.SequenceEqual("trigger"u8) ? message with { Trouble = true } : message;
    }

    private static TimeSpan? Duration(ReadOnlySpan<byte> value)
    {
        if (!ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds))
            return null;
        return microseconds < (ulong)TimeSpan.MaxValue.Ticks / TicksPerMicrosecond ? TimeSpan.FromTicks((long)(microseconds * TicksPerMicrosecond)) : TimeSpan.MaxValue;
    }

    // The largest number is systemd's "infinity": not watched.
    private static TimeSpan? Heartbeat(ReadOnlySpan<byte> value) => Duration(value) switch
    {
        { } duration when duration == TimeSpan.MaxValue => TimeSpan.Zero,
        var duration => duration,
    };

    private static int? Number(ReadOnlySpan<byte> value) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static int? Pid(ReadOnlySpan<byte> value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && pid > 0 ? pid : null;

    private static NotifyAccess? Access(ReadOnlySpan<byte> value) => value switch
    {
        _ when value.SequenceEqual("all"u8) => NotifyAccess.All,
        // "exec" names the main and the control processes; Lifeline runs the latter itself.
        _ when value.SequenceEqual("main"u8) || value.SequenceEqual("exec"u8) => NotifyAccess.Main,
        _ when value.SequenceEqual("none"u8) => NotifyAccess.None,
        _ => null,
    };

    private static string? DescriptorName(ReadOnlySpan<byte> value)
    {
        if (value.Length is 0 or > MaxDescriptorName || value.ContainsAnyExceptInRange((byte)' ', (byte)'~') || value.Contains((byte)':'))
            return null;
        return Encoding.ASCII.GetString(value);
    }
}
