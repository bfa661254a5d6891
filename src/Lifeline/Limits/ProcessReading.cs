using System.Globalization;
using Lifeline.Linux;

namespace Lifeline.Limits;

/// <summary>How many processes and threads a service has, where no controller counts them.</summary>
internal static class ProcessReading
{
    // num_threads of stat(5), counted from the state behind the name.
    private const int ThreadsField = 17;

    /// <summary>How many it has, if that is beyond the limit (then it may be more still); null if it is within.</summary>
    /// <param name="limit">What it may have.</param>
    /// <param name="group">The generation's control group; null without one: then the main process and its descendants count.</param>
    /// <param name="main">The main process.</param>
    public static long? Beyond(int limit, ControlGroup? group, int main)
    {
        var members = group?.ListProcesses() is { Count: > 0 } listed ? listed : Descendants(main, limit);
        long count = members.Count;
        // Their threads are only counted while they could matter: one file for each process.
        for (var i = 0; i < members.Count && count <= limit; i++)
            count += ThreadsOf(members[i]) - 1;
        return count > limit ? count : null;
    }

    private static List<int> Descendants(int main, int limit)
    {
        var (found, known) = (new List<int> { main }, new HashSet<int> { main });
        for (var i = 0; i < found.Count && found.Count <= limit; i++)
            found.AddRange((ProcFs.TryReadChildren(found[i]) ?? []).Where(known.Add));
        return found;
    }

    private static int ThreadsOf(int pid)
    {
        var text = ProcFs.TryReadText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
        if (text is null || text.LastIndexOf(')') is not (>= 0 and var end))
            return 1;
        var fields = text[(end + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > ThreadsField && int.TryParse(fields[ThreadsField], NumberStyles.None, CultureInfo.InvariantCulture, out var threads) ? Math.Max(1, threads) : 1;
    }
}
