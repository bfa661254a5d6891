using System.Text;
using Lifeline.Contracts;
using Lifeline.Linux;
using Lifeline.Logs;

namespace Lifeline.Tests.Logs;

/// <summary>A folder for logs and the pipes of a service, gone at the end.</summary>
internal sealed class TemporaryLogs : IDisposable
{
    public const string Service = "orders";

    private readonly string _folder = Directory.CreateTempSubdirectory("lifeline-logs-").FullName;

    public TemporaryLogs()
    {
        Options = new LogOptions { Folder = _folder };
        (OutputRead, OutputWrite) = Pipe.Create();
        (ErrorRead, ErrorWrite) = Pipe.Create();
    }

    public LogOptions Options { get; set; }

    public Descriptor OutputRead { get; }

    public Descriptor OutputWrite { get; }

    public Descriptor ErrorRead { get; }

    public Descriptor ErrorWrite { get; }

    public string ServiceFolder => Path.Combine(Options.Folder, Service);

    public string CurrentFile => Path.Combine(ServiceFolder, "stdout.log");

    public LogReader Reader => new(Options);

    public async Task<LogCollector> CollectAsync(LogLimits? limits = null, int generation = 1)
    {
        var collector = new LogCollector(Options);
        await collector.AddAsync(Service, generation, OutputRead, ErrorRead, limits ?? LogLimits.Default);
        return collector;
    }

    public void Say(string text) => OutputWrite.WriteAll(Encoding.UTF8.GetBytes(text));

    public void Complain(string text) => ErrorWrite.WriteAll(Encoding.UTF8.GetBytes(text));

    public LogChunk Last(int lines = 1000) => Reader.Read(new LogQuery { Service = Service, Lines = lines, MaxBytes = int.MaxValue });

    /// <summary>Everything from the beginning, page by page.</summary>
    public List<string> ReadAll(out bool gap, string cursor = "1:1.0:1.0")
    {
        var all = new List<string>();
        gap = false;
        while (true)
        {
            var chunk = Reader.Read(new LogQuery { Service = Service, Cursor = cursor, Lines = 1000 });
            gap |= chunk.Gap;
            if (chunk.Lines.Count == 0)
                return all;
            all.AddRange(chunk.Lines.Select(l => l.Text));
            cursor = chunk.Cursor;
        }
    }

    public void Dispose()
    {
        OutputRead.Dispose();
        OutputWrite.Dispose();
        ErrorRead.Dispose();
        ErrorWrite.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
