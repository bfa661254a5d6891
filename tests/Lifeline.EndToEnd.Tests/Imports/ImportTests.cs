using System.Diagnostics;

namespace Lifeline.EndToEnd.Tests.Imports;

public class ImportTests
{
    private static readonly string[] Compared = ["arguments", "cwd", "umask", "ids", "groups", "env A", "env COMMON", "env LOGNAME"];

    [Fact]
    public async Task Supervisords_programs_are_started_as_supervisord_starts_them()
    {
        await using var comparison = new PeerComparison();
        comparison.Write("supervisord.conf", """
            [supervisord]
            nodaemon=true
            user=root
            logfile={folder}/supervisord.log
            pidfile={folder}/supervisord.pid
            environment=COMMON="of all"
            [program:web]
            command={folder}/record web "two words" 'single $A' plain ; a comment
            directory=/tmp
            environment=A="a, b"
            umask=027
            [program:nobody]
            command={folder}/record nobody %(program_name)s "%(here)s"
            user=nobody
            [program:many]
            command={folder}/record many
            numprocs=3
            process_name=%(program_name)s_%(process_num)d
            [program:idle]
            command={folder}/record idle
            autostart=false
            """);
        var peer = new ProcessStartInfo("supervisord", ["-c", Path.Combine(comparison.Folder, "supervisord.conf")]);
        await comparison.MustStartTheSameAsync(peer, ["supervisord.conf"], new Dictionary<string, int> { ["web"] = 1, ["nobody"] = 1, ["many"] = 3 }, [.. Compared.Except(["groups", "env LOGNAME"])]);
    }

    [Fact]
    public async Task Lines_of_a_Procfile_are_started_as_foreman_starts_them()
    {
        await using var comparison = new PeerComparison();
        comparison.Write("Procfile", """
            web: A=$PORT exec {folder}/record web "two words" $PORT
            worker: exec {folder}/record worker 'single $A'
            """);
        comparison.Write(".env", "COMMON=of all\n");
        var peer = new ProcessStartInfo("foreman", ["start", "-d", comparison.Folder, "-f", Path.Combine(comparison.Folder, "Procfile")]);
        await comparison.MustStartTheSameAsync(peer, ["Procfile"], new Dictionary<string, int> { ["web"] = 1, ["worker"] = 1 }, [.. Compared, "env PORT"]);
    }
}
