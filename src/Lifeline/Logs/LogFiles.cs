using System.Globalization;
using Lifeline.Contracts;
using Lifeline.Linux;

namespace Lifeline.Logs;

/// <summary>
/// Names of one stream's files: <c>stdout.log</c> is the current one, <c>stdout.7.log</c> a rotated one, <c>stdout.7.idx</c> the index of number 7
/// from its beginning on. Numbers rise and are never changed, so that a place in a log keeps its name.
/// </summary>
internal sealed class LogFiles(string folder, LogStream stream)
{
    private readonly string _prefix = stream == LogStream.StandardOutput ? "stdout." : "stderr.";

    public string Folder => folder;

    public string Current => Path.Combine(folder, _prefix + "log");

    public string Rotated(long number) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{_prefix}{number}.log"));

    public string Index(long number) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{_prefix}{number}.idx"));

    /// <summary>Whether any of them is there.</summary>
    public bool Exist() => Directory.Exists(folder) && Directory.EnumerateFiles(folder, _prefix + "*").Any();

    /// <summary>Numbers of the rotated files, oldest first.</summary>
    public List<long> RotatedNumbers() => Numbers(".log");

    /// <summary>The number of the current file, also after a death between any two steps of a rotation.</summary>
    public long CurrentNumber()
    {
        var indexed = Numbers(".idx");
        var rotated = Numbers(".log");
        var highest = Math.Max(indexed.Count > 0 ? indexed[^1] : 0, rotated.Count > 0 ? rotated[^1] : 0);
        if (highest == 0)
            return 1;
        return rotated.Count > 0 && rotated[^1] == highest ? highest + 1 : highest;
    }

    /// <summary>Removes a rotated file and its index; it may be gone already.</summary>
    public void Delete(long number)
    {
        File.Delete(Rotated(number));
        File.Delete(Index(number));
    }

    /// <summary>Removes indexes whose files are gone.</summary>
    public void DeleteStrayIndexes()
    {
        var current = CurrentNumber();
        var rotated = RotatedNumbers().ToHashSet();
        foreach (var number in Numbers(".idx"))
        {
            if (number != current && !rotated.Contains(number))
                File.Delete(Index(number));
        }
    }

    /// <summary>Opens a file for reading by its number; null when it is gone.</summary>
    public Descriptor? TryOpen(long number)
    {
        // It may be rotated between the two looks; then the second look finds it under its new name.
        for (var look = 0; look < 3; look++)
        {
            if (TryOpenFile(Rotated(number)) is { } rotated)
                return rotated;
            if (CurrentNumber() != number)
                continue;
            var current = TryOpenFile(Current);
            if (current is null || !File.Exists(Rotated(number)))
                return current;
            current.Dispose();
        }

        return null;
    }

    public static Descriptor? TryOpenFile(string path)
    {
        try
        {
            return Descriptor.Open(path, OpenFlags.Read | OpenFlags.NoFollow);
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT)
        {
            return null;
        }
    }

    private List<long> Numbers(string suffix)
    {
        var numbers = new List<long>();
        if (!Directory.Exists(folder))
            return numbers;
        foreach (var path in Directory.EnumerateFiles(folder, _prefix + "*" + suffix))
        {
            var name = Path.GetFileName(path.AsSpan());
            if (name.Length > _prefix.Length + suffix.Length
                && long.TryParse(name[_prefix.Length..^suffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                numbers.Add(number);
            }
        }

        numbers.Sort();
        return numbers;
    }
}
