namespace Lifeline.Tests.Cli;

public sealed class Command_lines : IDisposable
{
    private readonly CommandRun command = new();

    public void Dispose() => command.Dispose();

    [Theory]
    [InlineData("stauts", "lifeline: there is no command \"stauts\"\n  did you mean \"status\"?\n  lifeline --help says how it is used\n")]
    [InlineData("zzzzzz", "lifeline: there is no command \"zzzzzz\"\n  lifeline --help says how it is used\n")]
    [InlineData("", "lifeline: which command?\n  lifeline --help lists them\n")]
    [InlineData("status --nope", "lifeline: \"lifeline status\" has no option \"--nope\"\n  lifeline status --help lists them; a name that begins with - goes after --\n")]
    [InlineData("status --jsno", "lifeline: \"lifeline status\" has no option \"--jsno\"\n  did you mean \"--json\"?\n")]
    [InlineData("status --json --watch", "lifeline: --json and --watch cannot go together; \"lifeline events -f --json\" tells every change\n  lifeline status --help says how it is used\n")]
    [InlineData("alert", "lifeline: which command? there are list, ack, unack, silence, unsilence and test\n  lifeline alert --help says how it is used\n")]
    [InlineData("alert slience", "lifeline: there is no command \"alert slience\"\n  did you mean \"silence\"?\n  lifeline alert --help says how it is used\n")]
    [InlineData("alert silence a", "lifeline: --for is missing; write \"lifeline alert silence NAME|SERVICE --for TIME\"\n  lifeline alert silence --help says how it is used\n")]
    [InlineData("alert ack a --xyzzy", "lifeline: \"lifeline alert ack\" has no option \"--xyzzy\"\n  lifeline alert ack --help lists them; a name that begins with - goes after --\n")]
    [InlineData("start", "lifeline: NAME is missing; write \"lifeline start NAME...\"\n  lifeline start --help says how it is used\n")]
    [InlineData("kill a", "lifeline: --signal is missing; write \"lifeline kill NAME... --signal SIG\"\n  lifeline kill --help says how it is used\n")]
    [InlineData("kill", "lifeline: --signal is missing; write \"lifeline kill NAME... --signal SIG\"\nlifeline: NAME is missing; write \"lifeline kill NAME... --signal SIG\"\n  lifeline kill --help says how it is used\n")]
    [InlineData("alert ack", "lifeline: ID|SERVICE is missing; write \"lifeline alert ack ID|SERVICE\"\n  lifeline alert ack --help says how it is used\n")]
    [InlineData("alert -", "lifeline: there is no command \"alert -\"\n  lifeline alert --help says how it is used\n")]
    [InlineData("logs a --run-dir /nowhere --since", "lifeline: --since has nothing behind it; write --since T\n  lifeline logs --help says how it is used\n")]
    [InlineData("status --json=true --json=false", "lifeline: --json was given 2 times (\"true\", \"false\"), and counts only once\n  lifeline status --help says how it is used\n")]
    [InlineData("logs a --since 5m --since 10m", "lifeline: --since was given 2 times (\"5m\", \"10m\"), and counts only once\n  lifeline logs --help says how it is used\n")]
    [InlineData("logs a -n 5 -n 10", "lifeline: --lines was given 2 times (\"5\", \"10\"), and counts only once\n  lifeline logs --help says how it is used\n")]
    [InlineData("down now", "lifeline: \"lifeline down\" takes no \"now\", nor anything else but options\n  lifeline down --help says how it is used\n")]
    [InlineData("check a b c", "lifeline: \"b\" is one too many: \"lifeline check\" takes one FILE\nlifeline: \"c\" is one too many: \"lifeline check\" takes one FILE\n  lifeline check --help says how it is used\n")]
    [InlineData("kill -s TREM a", "lifeline: \"TREM\" is not a signal; did you mean \"TERM\"?\n  lifeline kill --help says how it is used\n")]
    [InlineData("kill -s 99 a", "lifeline: \"99\" is not a signal; write a name such as TERM or a number from 1 to 64\n  lifeline kill --help says how it is used\n")]
    [InlineData("logs a -n -1", "lifeline: --lines \"-1\" is not a whole number from 0 on\n  lifeline logs --help says how it is used\n")]
    [InlineData("logs a -n x", "lifeline: --lines \"x\" is not a whole number from 0 on\n  lifeline logs --help says how it is used\n")]
    [InlineData("logs a -g 0", "lifeline: --generation \"0\" is not a number from 1 on, last or previous\n  lifeline logs --help says how it is used\n")]
    [InlineData("logs a -f -g last", "lifeline: --follow and --generation cannot go together: what follows is written by generations to come\n  lifeline logs --help says how it is used\n")]
    [InlineData("logs a --since 5", "lifeline: --since \"5\" is not understood\n  write a time (2026-01-02T03:04:05Z, \"2026-01-02 03:04\", 03:04), or how long ago (10m, 1h30m)\n")]
    [InlineData("events --since yesterday", "lifeline: --since \"yesterday\" is not understood\n  write an event id, a time (2026-01-02T03:04:05Z, \"2026-01-02 03:04\", 03:04), or how long ago (10m, 1h30m)\n")]
    [InlineData("events --kind servce.died", "lifeline: --kind \"servce.died\" is the kind of no event; did you mean \"service.died\"?\n  lifeline events --help says how it is used\n")]
    [InlineData("events --kind alert.*,orders.* --kind service.died", "lifeline: --kind \"orders.*\" is the kind of no event; docs/events.md lists them, and the shell completes them\n  lifeline events --help says how it is used\n")]
    [InlineData("report", "lifeline: there is nothing to report\n  give at least one of --health, --text, --code, --ready, --field\n")]
    [InlineData("report --field x", "lifeline: --field \"x\" is not KEY=VALUE\n")]
    [InlineData("report --code x", "lifeline: --code \"x\" is not a whole number\n  lifeline report --help says how it is used\n")]
    [InlineData("report --health fine", "lifeline: --health \"fine\" is not one of unknown, healthy, degraded and unhealthy\n  lifeline report --help says how it is used\n")]
    [InlineData("report --health helthy", "lifeline: --health \"helthy\" is not one of unknown, healthy, degraded and unhealthy; did you mean \"healthy\"?\n  lifeline report --help says how it is used\n")]
    [InlineData("import a --format upstart", "lifeline: --format \"upstart\" is not one of supervisord, procfile, systemd, pm2 and process-compose\n  lifeline import --help says how it is used\n")]
    [InlineData("top", "lifeline: top needs a terminal\n  \"lifeline status --watch\" prints changes anywhere\n")]
    [InlineData("completion tcsh", "lifeline: SHELL \"tcsh\" is not one of bash, zsh and fish\n  lifeline completion --help says how it is used\n")]
    [InlineData("up --http nowhere:1", "lifeline: --http nowhere:1 is not understood\n  write \"off\" or an IP address and port such as 127.0.0.1:7070; port 0 takes a free one\n")]
    public void That_are_wrong_end_with_2_and_say_what_is_wrong(string line, string error)
    {
        var result = command.Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal((2, "", error), result);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("status --json")]
    [InlineData("status --watch")]
    [InlineData("down")]
    [InlineData("start a")]
    [InlineData("stop a")]
    [InlineData("restart a")]
    [InlineData("kill -s TERM a")]
    [InlineData("logs a")]
    [InlineData("events")]
    [InlineData("events -f --json")]
    [InlineData("report --ready")]
    public void Without_a_monitor_end_with_3_and_say_what_to_do(string line)
    {
        Assert.Equal(
            (3, "", $"lifeline: no monitor is running ({command.RunFolder}/ipc.sock does not exist)\n  start one with \"lifeline up\"; another run folder is named by --run-dir or LIFELINE_RUN_DIR\n"),
            command.Run(line.Split(' ')));
    }

    [Fact]
    public void With_a_socket_that_nobody_listens_at_end_with_3()
    {
        Directory.CreateDirectory(command.RunFolder);
        using (var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Seqpacket, System.Net.Sockets.ProtocolType.Unspecified))
            socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(Path.Combine(command.RunFolder, "ipc.sock")));
        var (code, output, error) = command.Run("status");
        Assert.Equal((3, ""), (code, output));
        Assert.StartsWith("lifeline: no monitor is running (", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Version_is_printed()
    {
        var (code, output, error) = command.Run("--version");
        Assert.Equal((0, ""), (code, error));
        Assert.Matches(@"^lifeline \d+\.\d+\.\d+\n$", output);
    }

    [Theory]
    [InlineData("")]
    [InlineData("up")]
    [InlineData("down")]
    [InlineData("status")]
    [InlineData("start")]
    [InlineData("stop")]
    [InlineData("restart")]
    [InlineData("kill")]
    [InlineData("logs")]
    [InlineData("events")]
    [InlineData("check")]
    [InlineData("report")]
    [InlineData("doctor")]
    [InlineData("top")]
    [InlineData("import")]
    [InlineData("completion")]
    [InlineData("man")]
    public void Each_command_has_help_on_standard_output(string name)
    {
        if (name.Length > 0) Assert.Equal(command.Run(name, "--help"), command.Run("help", name));
        var (code, output, error) = command.Run([.. name.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains($"lifeline {name}".TrimEnd(), output, StringComparison.Ordinal);
        Assert.Contains("--run-dir", output, StringComparison.Ordinal);
        Assert.DoesNotContain("__keeper", output, StringComparison.Ordinal);
        Assert.DoesNotContain("__complete", output, StringComparison.Ordinal);
    }
}
