using System.Globalization;

namespace Lifeline.Linux.Tests.Harness;

/// <summary>What a process has open, by number, as /proc tells it.</summary>
internal static class OpenNumbers
{
    public static IReadOnlyDictionary<int, string> Of(int pid)
    {
        var open = new SortedDictionary<int, string>();
        foreach (var entry in new DirectoryInfo($"/proc/{pid}/fd").EnumerateFileSystemInfos())
            if (TargetOf(entry) is { } target)
                open[int.Parse(entry.Name, CultureInfo.InvariantCulture)] = target;
        return open;
    }

    // What is closed while it is listed has no target any more.
    private static string? TargetOf(FileSystemInfo entry)
    {
        try
        {
            return entry.LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>How many descriptors of this process lead to a path or below it.</summary>
    public static int CountInto(string path) => Of(CurrentProcess.Id).Values.Count(target => target.StartsWith(path, StringComparison.Ordinal));
}
