using System.Globalization;
using Lifeline.Keeper;
using Lifeline.Linux;

namespace Lifeline.Tests.Keeper;

public sealed class LaunchTests : IDisposable
{
    private readonly KeeperHouse house = new();
    private readonly MonitorAtTest monitor;

    public LaunchTests() => monitor = house.NextMonitor();

    public void Dispose() => house.Dispose();

    [Fact]
    public void A_launch_says_which_process_it_became_and_its_exit_follows()
    {
        long before = MonotonicClock.Nanoseconds;
        LaunchedMessage launched = monitor.Launch(house.Shell("a", 1, "exit 7"));
        ExitedMessage exited = monitor.Expect<ExitedMessage>();

        Assert.Equal(("a", 1), (launched.Slot, launched.Generation));
        Assert.InRange(launched.ExecAtNanoseconds, before, MonotonicClock.Nanoseconds);
        Assert.True(launched.StartTime > 0);
        Assert.Equal(new ExitStatus(7, null, false), exited.Status);
        Assert.Equal(launched.Pid, exited.Pid);
        Assert.InRange(exited.ExitAtNanoseconds, launched.ExecAtNanoseconds, MonotonicClock.Nanoseconds);
    }

    [Fact]
    public void A_service_gets_exactly_the_environment_it_was_given()
    {
        LaunchJob job = house.Job("a", 1, "env") with
        {
            Environment = [new("PATH", "/usr/bin:/bin"), new("ONE", "1"), new("EMPTY", "")],
        };

        Assert.Equal("PATH=/usr/bin:/bin\nONE=1\nEMPTY=\n", house.Run(monitor, job));
    }

    [Fact]
    public void A_pid_variable_holds_the_pid_of_the_service()
    {
        LaunchJob job = house.Shell("a", 1, "echo $WATCHDOG_PID $$") with { PidVariables = ["WATCHDOG_PID"] };

        string[] pids = house.Run(monitor, job).Split();
        Assert.Equal(pids[1], pids[0]);
    }

    [Fact]
    public void No_signal_is_blocked_ignored_or_caught_in_a_service()
    {
        string status = house.Run(monitor, house.Job("a", 1, "cat", "/proc/self/status"));

        foreach (string name in (string[])["SigBlk", "SigIgn", "SigCgt"])
        {
            string line = Assert.Single(status.Split('\n'), line => line.StartsWith(name, StringComparison.Ordinal));
            Assert.Equal("0000000000000000", line.Split('\t')[1]);
        }
    }

    [Fact]
    public void A_service_leads_a_session_of_its_own()
    {
        string[] fields = house.Run(monitor, house.Job("a", 1, "cat", "/proc/self/stat")).Split(' ');

        Assert.Equal(fields[0], fields[4]);
        Assert.Equal(fields[0], fields[5]);
        Assert.Equal(house.Keeper.Id.ToString(CultureInfo.InvariantCulture), fields[3]);
    }

    [Fact]
    public void A_service_has_no_descriptors_but_the_standard_ones()
    {
        // 3 is the folder that ls reads.
        Assert.Equal("0\n1\n2\n3\n", house.Run(monitor, house.Job("a", 1, "ls", "/proc/self/fd")));
    }

    [Fact]
    public void Named_descriptors_arrive_at_their_numbers()
    {
        string path = Path.Combine(house.Root, "passed");
        using Descriptor file = Descriptor.Open(path, OpenFlags.ReadWrite | OpenFlags.Create);
        monitor.Link.Put("first", file);
        monitor.Link.Put("second", file);
        LaunchJob job = house.Shell("a", 1, "echo three >&3; echo nine >&9; exec ls /proc/self/fd") with
        {
            Descriptors = [new LaunchDescriptor("first", 3), new LaunchDescriptor("second", 9)],
        };

        // 4 is the folder that ls reads.
        Assert.Equal("0\n1\n2\n3\n4\n9\n", house.Run(monitor, job));
        Assert.Equal("three\nnine\n", File.ReadAllText(path));
    }

    [Fact]
    public void Umask_nice_limits_and_working_folder_are_set()
    {
        LaunchJob job = house.Shell("a", 1, "umask; nice; ulimit -n; ulimit -c; pwd") with
        {
            Umask = 0x1F, // 037
            Nice = 5,
            Limits = [new LaunchLimit(ResourceLimit.Core, 0, 0)],
        };

        Assert.Equal($"0037\n5\n1024\n0\n{house.Root}\n", house.Run(monitor, job));
    }

    [Fact]
    public void A_limit_of_open_files_is_taken_as_given()
    {
        LaunchJob job = house.Shell("a", 1, "ulimit -Sn; ulimit -Hn") with { Limits = [new LaunchLimit(ResourceLimit.Descriptors, 100, 200)] };

        Assert.Equal("100\n200\n", house.Run(monitor, job));
    }

    [Fact]
    public void A_service_becomes_another_user()
    {
        Assert.SkipUnless(CurrentProcess.Uid == 0, "only root may become another user");
        LaunchJob job = house.Shell("a", 1, "id -u; id -g; id -G") with { WorkingDirectory = "/", Identity = new LaunchIdentity(65534, 65533, [65533, 7]) };

        Assert.Equal("65534\n65533\n65533 7\n", house.Run(monitor, job));
    }

    [Fact]
    public void The_launcher_joins_every_control_group_it_is_told()
    {
        string first = Path.Combine(house.Root, "cgroup.procs"), second = Path.Combine(house.Root, "tasks");
        File.WriteAllText(first, "");
        File.WriteAllText(second, "");
        monitor.Launch(house.Shell("a", 1, "exit 0") with { ControlGroupJoinFiles = [first, second] });

        Assert.Equal("0", File.ReadAllText(first));
        Assert.Equal("0", File.ReadAllText(second));
    }

    [Theory]
    [InlineData("no-such-program", Errno.ENOENT, "is in no folder of PATH (/usr/local/bin:/usr/bin:/bin)")]
    [InlineData("/no/such/program", Errno.ENOENT, "does not exist")]
    [InlineData("/etc", Errno.EACCES, "may not be executed")]
    [InlineData("ROOT/no-interpreter", Errno.ENOENT, "interpreter or loader that does not exist")]
    [InlineData("ROOT/no-shebang", Errno.ENOEXEC, "a script needs a #! line")]
    [InlineData("./no-mode", Errno.EACCES, "may not be executed")]
    public void A_program_that_cannot_be_executed_is_named_with_the_reason(string program, Errno error, string text)
    {
        Write("no-interpreter", "#!/no/such/interpreter\n", executable: true);
        Write("no-shebang", "exit 0\n", executable: true);
        Write("no-mode", "#!/bin/sh\n", executable: false);

        LaunchFailedMessage failed = monitor.FailToLaunch(house.Job("a", 1, program.Replace("ROOT", house.Root, StringComparison.Ordinal)));

        Assert.Equal((LaunchStep.Execute, error), (failed.Step, failed.Error));
        Assert.Contains(text, failed.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_steps_that_fail_are_named_too()
    {
        LaunchJob job = house.Shell("a", 1, "exit 0");

        LaunchFailedMessage folder = monitor.FailToLaunch(job with { WorkingDirectory = "/no/such/folder" });
        LaunchFailedMessage group = monitor.FailToLaunch(job with { Generation = 2, ControlGroupJoinFiles = ["/no/such/cgroup.procs"] });
        LaunchFailedMessage descriptor = monitor.FailToLaunch(job with { Generation = 3, StandardOutput = "unknown" });
        LaunchFailedMessage limit = monitor.FailToLaunch(job with { Generation = 4, Limits = [new LaunchLimit(ResourceLimit.Descriptors, 5, 4)] });

        Assert.Equal((LaunchStep.WorkingDirectory, Errno.ENOENT), (folder.Step, folder.Error));
        Assert.Contains("/no/such/folder", folder.Text, StringComparison.Ordinal);
        Assert.Equal((LaunchStep.ControlGroup, Errno.ENOENT), (group.Step, group.Error));
        Assert.Equal(LaunchStep.Order, descriptor.Step);
        Assert.Contains("'unknown'", descriptor.Text, StringComparison.Ordinal);
        Assert.Equal((LaunchStep.Limits, Errno.EINVAL), (limit.Step, limit.Error));
    }

    [Fact]
    public void A_generation_is_accepted_once_and_a_slot_holds_one_instance()
    {
        house.Track(monitor.Launch(house.Shell("a", 5, "exec sleep 100")).Pid);

        LaunchFailedMessage twice = monitor.FailToLaunch(house.Shell("a", 5, "exit 0"));
        LaunchFailedMessage beside = monitor.FailToLaunch(house.Shell("a", 6, "exit 0"));
        Assert.True(monitor.Link.Signal("a", 5, Signals.Kill));
        monitor.Expect<ExitedMessage>();
        LaunchFailedMessage again = monitor.FailToLaunch(house.Shell("a", 5, "exit 0"));

        Assert.All([twice, beside, again], failed => Assert.Equal(LaunchStep.Refused, failed.Step));
        Assert.Contains("slot a is occupied: generation 5", twice.Text, StringComparison.Ordinal);
        Assert.Contains("generation 5 of slot a was not accepted: 5 was used already", again.Text, StringComparison.Ordinal);
        monitor.Launch(house.Shell("a", 6, "exit 0"));
    }

    [Fact]
    public void A_signal_reaches_only_the_generation_it_is_meant_for()
    {
        house.Track(monitor.Launch(house.Shell("a", 1, "exec sleep 100")).Pid);

        Assert.False(monitor.Link.Signal("a", 2, Signals.Kill));
        Assert.False(monitor.Link.Signal("b", 1, Signals.Kill));
        Assert.True(monitor.Link.Signal("a", 1, Signals.Terminate));
        Assert.Equal(new ExitStatus(null, Signals.Terminate, false), monitor.Expect<ExitedMessage>().Status);
        Assert.False(monitor.Link.Signal("a", 1, Signals.Terminate));
    }

    [Fact]
    public void Many_launches_at_once_all_succeed()
    {
        const int Count = 24;
        for (int i = 0; i < Count; i++) monitor.Link.Launch(house.Shell($"s{i}", 1, "exit 3"));

        HashSet<string> launched = [], exited = [];
        for (int i = 0; i < Count; i++) launched.Add(monitor.Expect<LaunchedMessage>().Slot);
        for (int i = 0; i < Count; i++) exited.Add(monitor.Expect<ExitedMessage>(exit => exit.Status?.ExitCode == 3).Slot);
        Assert.Equal(Count, launched.Count);
        Assert.Equal(Count, exited.Count);
    }

    [Fact]
    public void Orphans_of_a_service_are_reaped()
    {
        string orphan = house.Run(monitor, house.Shell("a", 1, "sh -c 'sleep 0.2 >/dev/null 2>&1 & echo $!'; exit 0"));

        KeeperHouse.WaitGone(int.Parse(orphan, CultureInfo.InvariantCulture));
    }

    [Fact]
    public void An_order_that_cannot_be_sent_is_refused_where_it_is_given()
    {
        Assert.Contains("zero byte", Assert.Throws<ArgumentException>(() => monitor.Link.Launch(house.Job("a", 1, "x", "a\0b"))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => monitor.Link.Launch(house.Job("a", 1)));
        Assert.Throws<ArgumentException>(() => monitor.Link.Launch(house.Job("a", 1, "x") with { Descriptors = [new LaunchDescriptor("d", 2)] }));
        KeeperProtocolException tooLarge = Assert.Throws<KeeperProtocolException>(
            () => monitor.Link.Launch(house.Job("a", 1, "x", new string('y', KeeperProtocol.MaxMessage))));
        Assert.Contains("shorten the arguments or the environment", tooLarge.Message, StringComparison.Ordinal);
    }

    private void Write(string name, string text, bool executable)
    {
        string path = Path.Combine(house.Root, name);
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, executable ? (UnixFileMode)0x1ED : (UnixFileMode)0x1A4); // 755, 644
    }
}
