using System.Text.Json;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Launches;

public class PrivateTmpTests
{
    // Tells where its folder is, what it looks like, and puts things into it that a careless removal would follow or get stuck on.
    private const string Configuration = """
        [services.a]
        private_tmp = true
        max_restarts = 1000
        command = '''
        umask 022
        stat -c "%a %u" "$TMPDIR" > mode.$LIFELINE_GENERATION
        ls -A "$TMPDIR" | wc -l > held.$LIFELINE_GENERATION
        mkdir -p "$TMPDIR/x/y/z"; touch "$TMPDIR/x/y/z/file"; ln -s {folder}/outside "$TMPDIR/x/way"; ln -s {folder}/outside/file "$TMPDIR/link"
        echo "$TMPDIR" > path.new; mv path.new path.$LIFELINE_GENERATION
        exec sleep 1000
        '''
        [services.plain]
        command = ["sh", "-c", "echo \"[$TMPDIR]\" > plain; exec sleep 1000"]
        """;

    [Fact]
    public async Task Each_generation_has_an_empty_folder_of_its_own_that_goes_with_it()
    {
        await using var daemon = await StartAsync();
        var first = await PathAsync(daemon, 1);
        Assert.Equal(("700 0", "0"), (await TextAsync(daemon, "mode.1"), await TextAsync(daemon, "held.1")));
        Assert.Equal("[]", await TextAsync(daemon, "plain"));
        Processes.Kill((await daemon.RunningAsync("a")).Pid());
        var second = await PathAsync(daemon, 2);
        Assert.NotEqual(first, second);
        Assert.Equal("0", await TextAsync(daemon, "held.2"));
        Assert.False(Directory.Exists(first));
        Assert.Equal("removed", await OutcomeAsync(daemon, 1, first));
        Assert.True(File.Exists(Path.Combine(daemon.Folder, "outside", "file")), "a link in it was followed");

        (await daemon.RunAsync("stop", "a")).MustSucceed();
        Assert.False(Directory.Exists(second));
        (await daemon.RunAsync("down")).MustSucceed();
        Assert.False(Directory.Exists(Path.GetDirectoryName(second)), "the folder of the folders is left");
    }

    [Fact]
    public async Task It_goes_with_a_generation_that_died_while_no_monitor_was_there_and_never_with_another()
    {
        await using var daemon = await StartAsync();
        var first = await PathAsync(daemon, 1);
        int keeper = daemon.KeeperPid, monitor = daemon.MonitorPid, service = (await daemon.RunningAsync("a")).Pid();
        Processes.Kill(keeper, Processes.Stop);
        Processes.Kill(monitor, Processes.Stop);
        Processes.Kill(service);
        Processes.Kill(keeper);
        Processes.Kill(monitor);
        await Processes.GoneAsync(keeper);
        await Processes.GoneAsync(monitor);
        await Processes.GoneAsync(service);

        // Of a life that nobody remembers; and what no generation can be.
        var forgotten = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(first)!, "gone.7", "deep")).Parent!.FullName;
        Assert.True(Directory.Exists(first));
        await daemon.UpAsync();
        var second = await PathAsync(daemon, 2);
        Assert.Equal("removed", await OutcomeAsync(daemon, 1, first));
        await Eventually.TrueAsync(() => Directory.GetFileSystemEntries(Path.GetDirectoryName(second)!).Length == 1, $"{forgotten} or {first} is left");

        // A monitor alone: the living keep theirs.
        Processes.Kill(daemon.MonitorPid);
        Processes.Kill((await daemon.RunningAsync("a", 2)).Pid());
        var third = await PathAsync(daemon, 3);
        Assert.False(Directory.Exists(second));
        await daemon.RunningAsync("a", 3);
        Assert.True(File.Exists(Path.Combine(third, "x/y/z/file")));
        Assert.True(File.Exists(Path.Combine(daemon.Folder, "outside", "file")), "a link in it was followed");
    }

    [Fact]
    public async Task It_belongs_to_the_service_s_user_who_may_put_what_he_likes_into_it()
    {
        Assert.SkipUnless(Environment.UserName == "root", "only root can start services as others");
        await using var daemon = new Daemon("""
            [defaults]
            user = "nobody"
            cwd = "/"
            private_tmp = true
            [services.a]
            command = '''
            stat -c "%a %U" "$TMPDIR"; cd "$TMPDIR"; mkdir -p no/access; touch no/access/file "$(printf '\377')"; chmod 000 no; chmod 500 .
            exec sleep 1000
            '''
            after_stop = ["sh", "-c", "echo after $TMPDIR $(id -un)"]
            """);
        await daemon.UpAsync();
        var service = await daemon.RunningAsync("a");
        var folder = (await File.ReadAllTextAsync($"/proc/{service.Pid()}/environ")).Split('\0').Single(v => v.StartsWith("TMPDIR=", StringComparison.Ordinal))[7..];
        await Eventually.TrueAsync(() => Directory.Exists(folder) && File.GetUnixFileMode(folder) == (UnixFileMode.UserRead | UnixFileMode.UserExecute), "the service did not get there");
        (await daemon.RunAsync("stop", "a")).MustSucceed();
        Assert.False(Directory.Exists(folder));
        var said = (await daemon.RunAsync("logs", "a")).MustSucceed().Output;
        Assert.Contains("700 nobody", said, StringComparison.Ordinal);
        Assert.Contains($"after {folder} nobody", said, StringComparison.Ordinal);
    }

    private static async Task<Daemon> StartAsync()
    {
        var daemon = new Daemon(Configuration);
        Directory.CreateDirectory(Path.Combine(daemon.Folder, "outside"));
        await File.WriteAllTextAsync(Path.Combine(daemon.Folder, "outside", "file"), "x");
        return await daemon.UpAsync();
    }

    private static async Task<string> PathAsync(Daemon daemon, int generation)
    {
        var file = Path.Combine(daemon.Folder, $"path.{generation}");
        await Eventually.TrueAsync(() => File.Exists(file), $"generation {generation} never told its folder");
        return (await File.ReadAllTextAsync(file)).Trim();
    }

    private static async Task<string> TextAsync(Daemon daemon, string name)
    {
        var file = Path.Combine(daemon.Folder, name);
        await Eventually.TrueAsync(() => Daemon.ReadIfThere(file).Length > 0, $"{name} was not written");
        return (await File.ReadAllTextAsync(file)).Trim();
    }

    private static async Task<string?> OutcomeAsync(Daemon daemon, int generation, string folder)
    {
        var reclaimed = await daemon.EventAsync("service.reclaimed", "a", generation);
        return reclaimed.Data().GetProperty("steps").EnumerateArray().Single(s => s.GetProperty("what").GetString() == folder).GetProperty("outcome").GetString();
    }
}
