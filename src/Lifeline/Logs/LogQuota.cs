using Lifeline.Linux;

namespace Lifeline.Logs;

/// <summary>
/// The rotated files of both streams of one service, which are deleted, oldest first, so that everything together (indexes too) stays within
/// max_size × max_files. Used by the collector's thread only.
/// </summary>
internal sealed class LogQuota
{
    // What may be written without asking: a line about a loss, the end of a line, an index entry.
    private const long Reserve = 512;

    private readonly List<RotatedFile> _rotated = [];
    private long _bytes;

    /// <summary>Counts what an earlier collector left.</summary>
    public void Load(LogFiles files)
    {
        files.DeleteStrayIndexes();
        foreach (var number in files.RotatedNumbers())
        {
            var bytes = SizeOf(files.Rotated(number)) + SizeOf(files.Index(number));
            Insert(new RotatedFile(files, number, bytes, LogIndexReader.LastSequence(files.Index(number))));
        }
    }

    /// <summary>Counts a file that was just rotated.</summary>
    public void Add(LogFiles files, long number, long bytes, long sequence) => Insert(new RotatedFile(files, number, bytes, sequence));

    /// <summary>Deletes what is more than so many files of a stream.</summary>
    public void KeepNewest(LogFiles files, LogLimits limits)
    {
        var most = limits.RotatedFiles;
        var ofStream = _rotated.Where(f => f.Files == files).ToList();
        foreach (var old in ofStream.Take(Math.Max(0, ofStream.Count - most)))
            Delete(old);
    }

    /// <summary>Bytes that may be written now, after deleting what is in the way of as many as wanted; not more than 0 if nothing is left to delete.</summary>
    public long MakeRoom(LogLimits limits, long used, long wanted)
    {
        var most = limits.Total - Math.Min(Reserve, limits.Total / 8) - used;
        while (most - _bytes < wanted && _rotated.Count > 0)
            Delete(_rotated[0]);
        return most - _bytes;
    }

    private void Insert(RotatedFile file)
    {
        // Old files are few and come mostly in order.
        var at = _rotated.Count;
        while (at > 0 && _rotated[at - 1].Sequence > file.Sequence)
            at--;
        _rotated.Insert(at, file);
        _bytes += file.Bytes;
    }

    private void Delete(RotatedFile file)
    {
        file.Files.Delete(file.Number);
        _rotated.Remove(file);
        _bytes -= file.Bytes;
    }

    private static long SizeOf(string path) => FileStatus.TryOf(path, followLinks: false)?.Size ?? 0;

    /// <param name="Files">The stream.</param>
    /// <param name="Number">Which.</param>
    /// <param name="Bytes">With its index.</param>
    /// <param name="Sequence">Of its last chunk, in the order of both streams.</param>
    private sealed record RotatedFile(LogFiles Files, long Number, long Bytes, long Sequence);
}
