using System.IO.MemoryMappedFiles;
using Lifeline.Client;
using Lifeline.Contracts;

namespace Lifeline.EndToEnd.Tests.Roles;

/// <summary>
/// Reports as fast as it can, and notes the number of each report whose call has returned in a mapped file,
/// which survives any death of this process.
/// </summary>
internal static class EagerReporter
{
    public const string NotesVariable = "LIFELINE_TEST_NOTES";

    public static void Run()
    {
        var service = Environment.GetEnvironmentVariable("LIFELINE_SERVICE")!;
        var generation = Environment.GetEnvironmentVariable("LIFELINE_GENERATION")!;
        var file = Path.Combine(Environment.GetEnvironmentVariable(NotesVariable)!, $"{service}.{generation}");
        using var map = MemoryMappedFile.CreateFromFile(file, FileMode.OpenOrCreate, null, 16);
        using var notes = map.CreateViewAccessor();

        var reporter = StatusReporter.Create();
        for (var number = 1L; ; number++)
        {
            reporter.Report(ServiceHealth.Healthy, Text(number));
            notes.Write(0, number);
        }
    }

    public static string Text(long number) => $"report {number}";

    public static long LastReturned(string folder, string service, int generation)
    {
        var path = Path.Combine(folder, $"{service}.{generation}");
        if (!File.Exists(path))
            return 0;
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Span<byte> number = stackalloc byte[8];
        return stream.Read(number) == 8 ? BitConverter.ToInt64(number) : 0;
    }
}
