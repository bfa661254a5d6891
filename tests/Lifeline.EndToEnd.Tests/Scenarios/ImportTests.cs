using System.Diagnostics;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Scenarios;

/// <summary>A peer runs its file, Lifeline runs what it imported of it: the processes must be the same.</summary>
public class ImportTests
{
    // What a process finds, one line for each thing; NAME tells the two records of one service apart from another's.
    private const string Recorder = """
        #!/bin/sh
        name=$1; shift
        { printf 'arguments'; printf ' [%s]' "$@"; echo; pwd; umask; id -u; echo "A=$A COMMON=$COMMON"; } > "$RECORDS/$name.new"
        mv "$RECORDS/$name.new" "$RECORDS/$name"
        exec sleep 1000
        """;

    [Fact]
    public async Task Supervisords_programs_are_started_as_supervisord_starts_them()
    {
        const string file = """
            [supervisord]
            nodaemon=true
            user=root
            logfile={folder}/supervisord.log
            pidfile={folder}/supervisord.pid
            environment=COMMON="of all",RECORDS="%(ENV_RECORDS)s"
            [program:web]
            command={folder}/record web "two words" 'single $A' plain ; a comment
            directory=/tmp
            environment=A="a, b"
            umask=027
            [program:nobody]
            command={folder}/record nobody %(program_name)s "%(here)s"
            user=nobody
            [program:idle]
            command={folder}/record idle
            autostart=false
            """;
        await CompareAsync("supervisord.conf", file, ["web", "nobody"], folder => new ProcessStartInfo("supervisord", ["-c", Path.Combine(folder, "supervisord.conf")]));
    }

    [Fact]
    public async Task Lines_of_a_Procfile_are_started_as_foreman_starts_them()
    {
        const string file = """
            web: A=$PORT exec {folder}/record web "two words" $PORT
            worker: exec {folder}/record worker 'single $A'
            """;
        await CompareAsync("Procfile", file, ["web", "worker"], folder => new ProcessStartInfo("foreman", ["start", "-d", folder, "-f", Path.Combine(folder, "Procfile")]));
    }

    private static async Task CompareAsync(string name, string text, string[] services, Func<string, ProcessStartInfo> peer)
    {
        await using var daemon = new Daemon("");
        File.WriteAllText(Path.Combine(daemon.Folder, name), text.Replace("{folder}", daemon.Folder, StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(daemon.Folder, "record"), Recorder);
        File.WriteAllText(Path.Combine(daemon.Folder, ".env"), $"COMMON=of all\nRECORDS={daemon.Folder}/records\n");
        File.SetUnixFileMode(Path.Combine(daemon.Folder, "record"), (UnixFileMode)0b111_101_101);
        File.SetUnixFileMode(daemon.Folder, (UnixFileMode)0b111_101_101);
        var records = Path.Combine(daemon.Folder, "records");
        Directory.CreateDirectory(records);
        File.SetUnixFileMode(records, (UnixFileMode)0b111_111_111);

        var expected = await RunPeerAsync(peer(daemon.Folder), daemon.Folder, records, services);
        daemon.Environment["RECORDS"] = records;
        (await daemon.RunAsync("import", Path.Combine(daemon.Folder, name), "--force", "-o", daemon.ConfigurationFile)).MustSucceed();
        await daemon.UpAsync();
        await AllRecordedAsync(records, services, daemon.Describe);
        Assert.Equal(expected, Read(records));
    }

    private static async Task<string> RunPeerAsync(ProcessStartInfo start, string folder, string records, string[] services)
    {
        start.WorkingDirectory = folder;
        start.Environment["RECORDS"] = records;
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var said = process.StandardOutput.ReadToEndAsync();
        var complained = process.StandardError.ReadToEndAsync();
        try
        {
            await AllRecordedAsync(records, services, () => $"{start.FileName} did not start all of them");
            return Read(records);
        }
        finally
        {
            Processes.Kill(process.Id, Processes.Term);
            await process.WaitForExitAsync();
            await Task.WhenAll(said, complained);
            foreach (var file in Directory.GetFiles(records)) File.Delete(file);
        }
    }

    private static Task AllRecordedAsync(string records, string[] services, Func<string> complaint) =>
        Eventually.TrueAsync(() => Task.FromResult(services.All(service => File.Exists(Path.Combine(records, service)))), complaint);

    private static string Read(string records) =>
        string.Concat(Directory.GetFiles(records).Order(StringComparer.Ordinal).Select(file => $"{Path.GetFileName(file)}: {File.ReadAllText(file)}"));
}
