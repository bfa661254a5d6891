using Lifeline.Journal;

namespace Lifeline.Supervision;

/// <summary>
/// A little room in the state folder that is given up when the disk is full: a monitor that takes over from a dead one must be able
/// to open the journal, or nobody supervises until somebody makes room.
/// </summary>
internal sealed class DiskReserve(string stateFolder)
{
    /// <summary>Room for the journal's index of its log, and for the first events.</summary>
    public const int Bytes = 512 * 1024;

    private string Path => System.IO.Path.Combine(stateFolder, "reserve");

    /// <summary>Opens the journal; on a full disk once more, with the reserve given up.</summary>
    /// <exception cref="JournalException">It cannot be opened all the same.</exception>
    public JournalStore OpenJournal(JournalOptions options, TimeProvider time)
    {
        JournalStore journal;
        try
        {
            journal = JournalStore.Open(options, time);
        }
        catch (JournalException) when (Release())
        {
            return JournalStore.Open(options, time);
        }

        Hold();
        return journal;
    }

    /// <summary>Makes the reserve, if there is none and there is room.</summary>
    public void Hold()
    {
        try
        {
            if (new FileInfo(Path) is { Exists: true, Length: Bytes })
                return;
            // Written, not only made long: a hole would reserve nothing.
            File.WriteAllBytes(Path, new byte[Bytes]);
        }
        catch (IOException)
        {
            // No room for it now; a part of it would only be in the way of others.
            Release();
        }
    }

    private bool Release()
    {
        try
        {
            if (!File.Exists(Path))
                return false;
            File.Delete(Path);
            return true;
        }
        catch (IOException)
        {
            // A failing disk: nothing is gained by trying again.
            return false;
        }
    }
}
