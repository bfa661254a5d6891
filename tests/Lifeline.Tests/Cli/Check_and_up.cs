namespace Lifeline.Tests.Cli;

public sealed class Check_and_up : IDisposable
{
    private const string Wrong =
        "error: unknown key \"comand\" in [services.a]\n --> wrong.toml:2:1\n  |\n2 | comand = 1\n  | ^^^^^^\n  = help: did you mean \"command\"?\n\n1 error\n" +
        "lifeline: the configuration is wrong; nothing was started\n";

    private readonly CommandRun command = new();

    public void Dispose() => command.Dispose();

    [Fact]
    public void Check_says_what_it_has_read()
    {
        command.Write("lifeline.toml", "include = [\"more.toml\"]\n[services.a]\ncommand = \"x\"\n[services.b]\ncommand = \"${PROGRAM}\"\n");
        command.Write("more.toml", "[alerts.ops]\ncommand = \"y\"\n");
        command.Variables["PROGRAM"] = "z";
        Assert.Equal((0, "lifeline.toml: 2 services, 1 alert, 2 files: no errors\n", ""), command.Run("check"));
    }

    [Fact]
    public void Check_warns_of_what_the_machine_lacks_now()
    {
        command.Write("text", "");
        command.Variables["PATH"] = "/nowhere";
        command.Write("lifeline.toml", """
            [monitor]
            http = "127.0.0.1:1"
            tls_certificate = "tls.pem"
            [services.a]
            command = ["./missing", "--now"]
            instances = 2
            [services.b]
            command = "/bin/true"
            cwd = "/no/folder"
            [services.c]
            command = ["./text"]
            before_start = ["nothing-like-it"]
            after_stop = ["."]
            listen.web.unix = "run/web.sock"
            [services.d]
            command = ["./."]
            [alerts.ops]
            command = ["tell"]
            """);
        var (code, output, error) = command.Run("check");
        Assert.Equal((0, "lifeline.toml: 5 services, 1 alert: no errors, 9 warnings: what is missing now must be there before the start\n"), (code, output));
        string[] expected =
        [
            $"warning: monitor: the file \"{command.Folder}/tls.pem\" of tls_certificate does not exist",
            $"warning: services.a: the program \"{command.Folder}/missing\" of command does not exist",
            "warning: services.b: its cwd \"/no/folder\" does not exist",
            $"warning: services.c: listen.web is to be in \"{command.Folder}/run\", which does not exist",
            $"warning: services.c: the program \"{command.Folder}/text\" of command may be executed by nobody (chmod +x)",
            "warning: services.c: the program \"nothing-like-it\" of before_start is in no folder of its PATH (/nowhere)",
            "warning: services.c: the program \".\" of after_stop is in no folder of its PATH (/nowhere)",
            $"warning: services.d: the program \"{command.Folder}\" of command is a folder",
            "warning: alerts.ops: the program \"tell\" of command is in no folder of its PATH (/nowhere)",
        ];
        Assert.Equal(expected, error.TrimEnd('\n').Split('\n').Select(line => line.Replace(", or you may not look at it", "", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("check")]
    [InlineData("up")]
    [InlineData("up -d")]
    public void A_wrong_configuration_ends_with_2_and_starts_nothing(string line)
    {
        command.Write("wrong.toml", "[services.a]\ncomand = 1\n");
        Assert.Equal((2, "", Wrong), command.Run([.. line.Split(' '), "wrong.toml"]));
        Assert.False(Directory.Exists(command.RunFolder));
    }

    [Theory]
    [InlineData("check")]
    [InlineData("up")]
    public void Without_a_file_it_is_said_which_one_is_missing(string name)
    {
        Assert.Equal((2, "", $"lifeline: there is no lifeline.toml in {command.Folder}\n  name a configuration file, or change to its folder\n"), command.Run(name));
        var (code, _, error) = command.Run(name, "none.toml");
        Assert.Equal(2, code);
        Assert.StartsWith($"error: the file \"{command.Folder}/none.toml\" does not exist\n --> none.toml\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Up_refuses_a_run_folder_whose_sockets_nobody_could_reach()
    {
        command.Write("lifeline.toml", $"[services.{new string('x', 64)}]\ncommand = \"x\"\n");
        var (code, _, error) = command.Run("up", "--run-dir", "/tmp/" + new string('y', 60), "--state-dir", command.Folder);
        Assert.Equal(1, code);
        Assert.StartsWith("lifeline: the path of the socket /tmp/yyy", error, StringComparison.Ordinal);
        Assert.Contains("has 137 bytes; the system allows 107", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Doctor_says_what_is_used()
    {
        var (code, output, error) = command.Run("doctor");
        Assert.Equal((0, ""), (code, error));
        foreach (var what in (string[])["kernel", "pidfd", "cgroup", "memfd", "pipe memory", "user", "run folder", "monitor"])
            Assert.Contains(what, output, StringComparison.Ordinal);
    }

    [Fact]
    public void Doctor_says_when_control_groups_are_switched_off()
    {
        command.Variables["LIFELINE_CONTROL_GROUPS"] = "off";
        Assert.Contains("less  control groups (cgroup)  switched off by LIFELINE_CONTROL_GROUPS\n", command.Run("doctor").Output, StringComparison.Ordinal);
    }
}
