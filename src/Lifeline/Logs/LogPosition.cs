namespace Lifeline.Logs;

/// <summary>A place in one stream's log: the number of a file and an offset in it. Always at the beginning of a line.</summary>
internal readonly record struct LogPosition(long File, long Offset) : IComparable<LogPosition>
{
    public int CompareTo(LogPosition other) => File != other.File ? File.CompareTo(other.File) : Offset.CompareTo(other.Offset);

    public static bool operator <(LogPosition a, LogPosition b) => a.CompareTo(b) < 0;

    public static bool operator >(LogPosition a, LogPosition b) => a.CompareTo(b) > 0;

    public static bool operator <=(LogPosition a, LogPosition b) => a.CompareTo(b) <= 0;

    public static bool operator >=(LogPosition a, LogPosition b) => a.CompareTo(b) >= 0;
}
