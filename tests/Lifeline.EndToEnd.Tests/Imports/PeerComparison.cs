using System.Diagnostics;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Imports;

/// <summary>A peer runs its file, Lifeline runs what it imported of it: each process writes down what it finds, and both must find the same.</summary>
internal sealed class PeerComparison : IAsyncDisposable
{
    // One line for each thing. Instances of one service differ by the number behind the name only.
    private const string Recorder = """
        #!/bin/sh
        name=$1; shift
        {
          printf 'arguments='; printf ' [%s]' "$@"; echo
          echo "cwd=$(pwd)"
          echo "umask=$(umask)"
          echo "ids=$(id -u):$(id -g)"
          echo "groups=$(id -G)"
          echo "nofile=$(ulimit -Sn)"
          echo "nice=$(nice)"
          env -0 | sort -z | tr '\0' '\n' | sed 's/^/env /'
        } > "{folder}/records/$name.$$.new"
        mv "{folder}/records/$name.$$.new" "{folder}/records/$name.$$"
        exec sleep 1000
        """;

    private const UnixFileMode ForAll = (UnixFileMode)0b111_101_101;

    private readonly Daemon daemon = new("");
    private readonly string records;

    public PeerComparison()
    {
        records = Path.Combine(Folder, "records");
        Directory.CreateDirectory(records);
        File.SetUnixFileMode(records, (UnixFileMode)0b111_111_111);
        File.SetUnixFileMode(Folder, ForAll);
        Write("record", Recorder);
        File.SetUnixFileMode(Path.Combine(Folder, "record"), ForAll);
    }

    public string Folder => daemon.Folder;

    public void Write(string file, string text)
    {
        var path = Path.Combine(Folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text.Replace("{folder}", Folder, StringComparison.Ordinal));
    }

    /// <param name="peer">Starts everything in the foreground, and ends it with SIGTERM.</param>
    /// <param name="files">What the peer reads, and what is imported.</param>
    /// <param name="services">How many processes of each must record themselves.</param>
    /// <param name="compared">Which lines count: a thing's name, or <c>env NAME</c>.</param>
    public async Task MustStartTheSameAsync(ProcessStartInfo peer, string[] files, IReadOnlyDictionary<string, int> services, string[] compared)
    {
        var expected = await RunPeerAsync(peer, services, compared);
        (await daemon.RunAsync(["import", .. files.Select(file => Path.Combine(Folder, file)), "--force", "-o", daemon.ConfigurationFile])).MustSucceed();
        await daemon.UpAsync();
        await AllRecordedAsync(services, daemon.Describe);
        var found = Read(compared);
        Assert.True(expected == found, $"{peer.FileName} started:\n{expected}\n\nLifeline started:\n{found}\n{File.ReadAllText(daemon.ConfigurationFile)}");
    }

    private async Task<string> RunPeerAsync(ProcessStartInfo start, IReadOnlyDictionary<string, int> services, string[] compared)
    {
        start.WorkingDirectory = Folder;
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var said = process.StandardOutput.ReadToEndAsync();
        var complained = process.StandardError.ReadToEndAsync();
        try
        {
            await AllRecordedAsync(services, () => $"{start.FileName} did not start all of them: there are {string.Join(", ", Directory.GetFiles(records))}");
            return Read(compared);
        }
        finally
        {
            Processes.Kill(process.Id, Processes.Term);
            await process.WaitForExitAsync();
            await Task.WhenAll(said, complained);
            foreach (var file in Directory.GetFiles(records)) File.Delete(file);
        }
    }

    private Task AllRecordedAsync(IReadOnlyDictionary<string, int> services, Func<string> complaint) =>
        Eventually.TrueAsync(() => Task.FromResult(services.All(service => Recorded().Count(file => NameOf(file) == service.Key) >= service.Value)), complaint);

    private IEnumerable<string> Recorded() => Directory.GetFiles(records).Where(file => !file.EndsWith(".new", StringComparison.Ordinal));

    private static string NameOf(string file) => Path.GetFileNameWithoutExtension(file);

    private string Read(string[] compared) =>
        string.Join('\n', Recorded().Select(file => $"{NameOf(file)}:\n{Counting(File.ReadAllLines(file), compared)}").Order(StringComparer.Ordinal));

    private static string Counting(string[] lines, string[] compared) =>
        string.Concat(lines.Where(line => compared.Contains(line.Split('=')[0])).Select(line => $"  {line}\n"));

    public ValueTask DisposeAsync() => daemon.DisposeAsync();
}
