using System.Diagnostics;

namespace Lifeline.EndToEnd.Tests.Imports;

public class SystemdImportTests
{
    // A systemd of its own as process 1: its mounts, processes and control groups are nobody else's, and the kernel's settings are out of its reach.
    private const string Boot = """
        #!/bin/sh
        case $1 in
        outside)
          group=$(mount -t cgroup2 | sed -n '1s/^[^ ]* on \([^ ]*\) .*/\1/p')/lifeline-import-$$
          mkdir "$group" || exit 1
          trap 'kill -KILL $child' TERM
          sh -c 'echo 0 > "$1/cgroup.procs"; exec unshare --pid --mount --cgroup --ipc --uts --fork --kill-child "$0" inside' "$0" "$group" &
          child=$!
          wait $child; wait
          for try in $(seq 200); do find "$group" -depth -type d -exec rmdir {} + 2>/dev/null && break; sleep 0.05; done ;;
        inside)
          set -e
          mount --make-rprivate /
          mount -t tmpfs tmpfs /run
          mount -t proc proc /proc
          mount --bind -o ro /proc/sys /proc/sys
          umount -R /sys/fs/cgroup
          mount -t cgroup2 cgroup2 /sys/fs/cgroup
          export container=lifeline SYSTEMD_UNIT_PATH={folder}/units SYSTEMD_PROC_CMDLINE=
          exec /lib/systemd/systemd --unit=all.target --log-target=null --show-status=no ;;
        esac
        """;

    [Fact]
    public async Task Units_are_started_as_systemd_starts_them()
    {
        await using var comparison = new PeerComparison();
        comparison.Write("boot", Boot);
        File.SetUnixFileMode(Path.Combine(comparison.Folder, "boot"), (UnixFileMode)0b111_101_101);
        string[] units = ["words", "variables", "nobody", "group", "worker@7", "before"];
        comparison.Write("units/all.target", $"[Unit]\nDefaultDependencies=no\nWants={string.Join(' ', units.Select(unit => $"{unit}.service"))}\n");
        comparison.Write("more.env", "# of a file\nA=from the file\nB=\"quoted  value\"\nC='single $A'\n\n; another\nD=plain \n");
        Unit(comparison, "words", """
            ExecStart={folder}/record words "two words" 'single "x"' plain\x20escaped "tab\there" \
                next "back\\slash" "per%%cent" \; a"b c"d 'it\'s' é %n %N %p %t %S
            WorkingDirectory=/tmp
            UMask=0027
            Nice=5
            LimitNOFILE=500:1000
            """);
        Unit(comparison, "variables", """
            Environment=A=a "B=b c" 'C=d  e' EMPTY=
            Environment="D=x\ty"
            ExecStart={folder}/record variables $B ${B} "${C}" x${A}y ${EMPTY} $EMPTY $$A pre$A $D - ${UNSET} $UNSET `date`
            """);
        Unit(comparison, "nobody", """
            ExecStart={folder}/record nobody %u %h
            User=nobody
            EnvironmentFile={folder}/more.env
            EnvironmentFile=-/none/there
            Environment=A=overridden E=kept
            """);
        Unit(comparison, "group", """
            ExecStart=@{folder}/record named group one
            Group=daemon
            WorkingDirectory=~
            """);
        Unit(comparison, "worker@", "ExecStart={folder}/record worker %i %I %n %p\n", "worker@7");
        Unit(comparison, "before", """
            ExecStartPre=/bin/sh -c 'echo prepared > {folder}/prepared'
            ExecStartPre=-/bin/false
            ExecStart=-/bin/sh -c 'exec {folder}/record before "$$(cat {folder}/prepared)"'
            """);
        var services = new Dictionary<string, int> { ["words"] = 1, ["variables"] = 1, ["nobody"] = 1, ["group"] = 1, ["worker"] = 1, ["before"] = 1 };
        await comparison.MustStartTheSameAsync(
            new ProcessStartInfo(Path.Combine(comparison.Folder, "boot"), ["outside"]), [.. units.Select(unit => $"units/{unit}.service")], services,
            ["arguments", "cwd", "umask", "ids", "groups", "nofile", "nice", "env A", "env B", "env C", "env D", "env E", "env EMPTY"]);
    }

    private static void Unit(PeerComparison comparison, string name, string service, string? also = null)
    {
        var text = $"[Unit]\nDefaultDependencies=no\n[Service]\n{service}\n";
        comparison.Write($"units/{name}.service", text);
        if (also is not null) comparison.Write($"units/{also}.service", text);
    }
}
