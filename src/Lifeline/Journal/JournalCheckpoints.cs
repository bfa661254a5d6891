using Microsoft.Data.Sqlite;

namespace Lifeline.Journal;

/// <summary>
/// Moves the write-ahead log into the file on a thread of its own: a checkpoint syncs the disk, and no launch
/// should wait for that. A passive checkpoint holds up neither writer nor readers.
/// </summary>
internal sealed class JournalCheckpoints : IDisposable
{
    private const int PageSize = 4096;

    private readonly string _path;
    private readonly AutoResetEvent _due = new(false);
    private readonly Lock _gate = new();
    private readonly Thread _thread;
    private SqliteConnection? _connection;
    private long _logPages;
    private int _rows;
    private volatile bool _stopping;

    public JournalCheckpoints(string path)
    {
        _path = path;
        _thread = new Thread(Run) { IsBackground = true, Name = "journal-ckpt" };
        _thread.Start();
    }

    /// <summary>Counts rows; asks for a checkpoint when there are enough. True: the log is beyond its limit and the caller must empty it itself.</summary>
    public bool Written(int rows, int rowsPerCheckpoint, long logBytes)
    {
        _rows += rows;
        if (_rows < rowsPerCheckpoint)
            return false;
        _rows = 0;
        if (Interlocked.Read(ref _logPages) * PageSize > logBytes)
        {
            Interlocked.Exchange(ref _logPages, 0);
            return true;
        }

        _due.Set();
        return false;
    }

    /// <summary>Lets go of the file.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _connection?.Dispose();
            _connection = null;
        }
    }

    public void Dispose()
    {
        _stopping = true;
        _due.Set();
        _thread.Join();
        Reset();
        _due.Dispose();
    }

    private void Run()
    {
        while (!_stopping)
        {
            _due.WaitOne();
            if (!_stopping)
                Checkpoint();
        }
    }

    private void Checkpoint()
    {
        lock (_gate)
        {
            try
            {
                _connection ??= JournalSchema.ConnectForCheckpoints(_path);
                Interlocked.Exchange(ref _logPages, JournalReader.Checkpoint(_connection));
            }
            catch (SqliteException)
            {
                // Busy, full or damaged: the writer meets the same and handles it; the log only grows meanwhile, up to its limit.
                _connection?.Dispose();
                _connection = null;
            }
        }
    }
}
