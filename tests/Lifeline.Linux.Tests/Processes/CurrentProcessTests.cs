using System.Globalization;
using Lifeline.Linux.Tests.Descriptors;
using Lifeline.Linux.Tests.Harness;

namespace Lifeline.Linux.Tests.Processes;

public class CurrentProcessTests
{
    private const string Report = """
        umask
        ulimit -Sn; ulimit -Hn
        pwd
        echo "$0|$ONLY|$HOME"
        while read -r name rest; do case $name in Uid:|Gid:|Groups:|SigBlk:|SigIgn:|SigCgt:) echo $name $rest;; esac; done </proc/$$/status
        while read -r line; do echo "${line##*) }"; done </proc/$$/stat
        cd /proc/$$/fd; echo *
        exit 12
        """;

    [Fact]
    public void A_launched_program_is_what_it_was_told_to_be()
    {
        using var folder = new TemporaryFolder();
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0x1ED);
        var root = CurrentProcess.Uid == 0;
        using var child = Child.InRole("launch", null, folder.Write("kept", ""), folder.Path, root ? "65534" : "", Report.ReplaceLineEndings("; "));
        var lines = child.ReadOutput().Split('\n');
        Assert.True(child.WaitExit().ExitCode == 12, string.Join('\n', lines));

        Assert.Equal(["0027", "150", "200", folder.Path, "a name|this one|"], lines[..5].Select(Tidy));
        if (root)
        {
            Assert.Contains("Uid: 65534 65534 65534 65534", lines.Select(Tidy));
            Assert.Contains("Gid: 65533 65533 65533 65533", lines.Select(Tidy));
            Assert.Contains("Groups: 4242 65533", lines.Select(Tidy));
        }

        Assert.Contains("SigBlk: 0000000000000000", lines);
        Assert.Contains("SigIgn: 0000000000000000", lines);
        var stat = lines.Single(l => l.StartsWith("R ", StringComparison.Ordinal) || l.StartsWith("S ", StringComparison.Ordinal)).Split(' ');
        Assert.Equal(child.Pid.ToString(CultureInfo.InvariantCulture), stat[3]);
        Assert.Equal("5", stat[16]);
        // 0, 1, 2, the placed one, and perhaps what the shell reads its own folder with.
        var numbers = lines[^2].Split(' ').Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToList();
        Assert.Equal([0, 1, 2, 7], numbers.Where(n => n != 3 && n != 10));

        static string Tidy(string line) => line.Replace('\t', ' ').TrimEnd();
    }

    [Fact]
    public void A_program_that_cannot_be_executed_is_told_by_an_exception()
    {
        Assert.Equal(Errno.ENOENT, DescriptorTests.Refusal(() => CurrentProcess.Execute("/missing", ["x"], [])));
        Assert.Equal(Errno.EACCES, DescriptorTests.Refusal(() => CurrentProcess.Execute("/etc/passwd", ["x"], [])));
        Assert.Throws<ArgumentException>(() => CurrentProcess.Execute("/missing", ["a\0b"], []));
    }

    [Fact]
    public void An_orphan_is_reaped_and_a_tracked_child_is_left_alone()
    {
        using var child = Child.InRole("reap");
        var lines = child.ReadOutput().Split('\n');
        Assert.True(child.WaitExit().ExitCode == 0, string.Join('\n', lines));
        Assert.Equal($"True 3 {lines[0]} False", lines[1]);
    }

    [Fact]
    public void The_limit_of_descriptors_is_raised_to_the_hard_one()
    {
        using var child = Child.InRole("limit");
        var lines = child.ReadOutput().Split('\n');
        var (_, hard) = CurrentProcess.GetResourceLimit(ResourceLimit.Descriptors);
        Assert.Equal($"({hard}, {hard})", lines[1]);
    }

    [Fact]
    public void Identity_and_parent_are_those_of_proc()
    {
        var stat = ProcFs.TryReadStat(CurrentProcess.Id)!;
        Assert.Equal(Environment.ProcessId, stat.Pid);
        Assert.Equal(CurrentProcess.ParentId, stat.Parent);
    }

    [Fact]
    public void Refusals_name_the_value()
    {
        var e = Assert.Throws<LinuxException>(() => CurrentProcess.SetResourceLimit(ResourceLimit.Descriptors, 11, 10));
        Assert.Equal(Errno.EINVAL, e.Errno);
        Assert.Contains("11", e.Message, StringComparison.Ordinal);
        Assert.Equal(Errno.ENOENT, DescriptorTests.Refusal(() => CurrentProcess.ChangeFolder("/missing")));
        using var file = Descriptor.Open("/dev/null", OpenFlags.Read);
        Assert.Equal(Errno.EBADF, DescriptorTests.Refusal(() => CurrentProcess.Place(file, -1)));
    }

    [Fact]
    public void The_monotonic_clock_does_not_go_back()
    {
        var before = MonotonicClock.Nanoseconds;
        Assert.True(before > 0);
        Assert.True(MonotonicClock.Nanoseconds >= before);
    }
}
