using System.Text;
using Lifeline.Ipc;

namespace Lifeline.Contracts;

/// <summary>Fields of the monitor's calls: texts, times and spans with their limits checked on both sides.</summary>
internal static class ParcelFields
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly TimeSpan MaxDuration = TimeSpan.FromDays(36500);

    /// <summary>Characters that UTF-8 cannot spell are replaced: logs and paths may hold anything.</summary>
    public static void WriteText(this Parcel parcel, string text, int limit, string what)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length > limit)
            throw new IpcException(IpcError.TooLarge, $"{what} is {bytes.Length} bytes long, and the limit is {limit}.");
        parcel.WriteBytes(bytes);
    }

    public static string ReadText(this Parcel parcel, int limit, string what)
    {
        var bytes = parcel.ReadBytesInPlace();
        if (bytes.Length > limit)
            throw new IpcException(IpcError.TooLarge, $"{what} is {bytes.Length} bytes long, and the limit is {limit}.");
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new IpcException(IpcError.ParcelRead, $"{what} is no valid UTF-8 at byte {e.Index}.", e);
        }
    }

    public static void WriteOptionalText(this Parcel parcel, string? text, int limit, string what)
    {
        parcel.WriteBoolean(text is not null);
        if (text is not null)
            parcel.WriteText(text, limit, what);
    }

    public static string? ReadOptionalText(this Parcel parcel, int limit, string what) =>
        parcel.ReadBoolean() ? parcel.ReadText(limit, what) : null;

    public static void WriteTime(this Parcel parcel, DateTimeOffset time) => parcel.WriteInt64(time.UtcTicks);

    public static DateTimeOffset ReadTime(this Parcel parcel)
    {
        var ticks = parcel.ReadInt64();
        return ticks >= 0 && ticks <= DateTimeOffset.MaxValue.UtcTicks
            ? new DateTimeOffset(ticks, TimeSpan.Zero)
            : throw new IpcException(IpcError.ParcelRead, $"{ticks} is no time.");
    }

    public static void WriteOptionalTime(this Parcel parcel, DateTimeOffset? time)
    {
        parcel.WriteBoolean(time is not null);
        if (time is not null)
            parcel.WriteTime(time.Value);
    }

    public static DateTimeOffset? ReadOptionalTime(this Parcel parcel) => parcel.ReadBoolean() ? parcel.ReadTime() : null;

    public static void WriteDuration(this Parcel parcel, TimeSpan duration) => parcel.WriteInt64(CheckDuration(duration).Ticks / TimeSpan.TicksPerMicrosecond);

    public static TimeSpan ReadDuration(this Parcel parcel)
    {
        var microseconds = parcel.ReadInt64();
        if (microseconds < 0 || microseconds > MaxDuration.Ticks / TimeSpan.TicksPerMicrosecond)
            throw new IpcException(IpcError.ParcelRead, $"{microseconds} microseconds is no span of time from 0 to {MaxDuration.TotalDays} days.");
        return new TimeSpan(microseconds * TimeSpan.TicksPerMicrosecond);
    }

    public static TimeSpan ReadWait(this Parcel parcel)
    {
        var wait = parcel.ReadDuration();
        return wait <= CallLimits.MaxWait
            ? wait
            : throw new IpcException(IpcError.CheckParam, $"The wait is {wait}, and the limit is {CallLimits.MaxWait}.");
    }

    public static int ReadCount(this Parcel parcel, int limit, string what)
    {
        var count = parcel.ReadInt32();
        return count >= 0 && count <= limit
            ? count
            : throw new IpcException(IpcError.CheckParam, $"{what} is {count}, and must be within 0 to {limit}.");
    }

    public static void WriteCount(this Parcel parcel, int count, int limit, string what)
    {
        if (count < 0 || count > limit)
            throw new IpcException(IpcError.CheckParam, $"{what} is {count}, and must be within 0 to {limit}.");
        parcel.WriteInt32(count);
    }

    public static void WriteNames(this Parcel parcel, IReadOnlyList<string> names)
    {
        parcel.WriteCount(names.Count, CallLimits.MaxNames, "The number of names");
        foreach (var name in names)
            parcel.WriteText(name, CallLimits.MaxNameBytes, "The name of a service");
    }

    public static IReadOnlyList<string> ReadNames(this Parcel parcel)
    {
        var names = new string[parcel.ReadCount(CallLimits.MaxNames, "The number of names")];
        for (var index = 0; index < names.Length; index++)
            names[index] = parcel.ReadText(CallLimits.MaxNameBytes, "The name of a service");
        return names;
    }

    private static TimeSpan CheckDuration(TimeSpan duration) => duration >= TimeSpan.Zero && duration <= MaxDuration
        ? duration
        : throw new IpcException(IpcError.CheckParam, $"{duration} is no span of time from 0 to {MaxDuration.TotalDays} days.");
}
