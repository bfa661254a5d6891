using System.Globalization;
using Lifeline.Linux.Tests.Harness;

namespace Lifeline.Linux.Tests.Processes;

public class ProcFsTests
{
    [Fact]
    public void A_name_may_hold_brackets_and_spaces()
    {
        using var folder = new TemporaryFolder();
        var program = folder.Of("a) R (b c)");
        File.Copy("/bin/sleep", program);
        using var child = Child.Program(program, "1000").Executed();
        var stat = ProcFs.TryReadStat(child.Pid);
        Assert.NotNull(stat);
        Assert.Equal(("a) R (b c)", child.Pid, CurrentProcess.Id, child.Pid), (stat.Name, stat.Pid, stat.Parent, stat.Session));
        Assert.InRange(stat.StartTimeTicks, 1, long.MaxValue);
        Assert.InRange(ProcFs.TryReadStat(CurrentProcess.Id)!.ResidentPages, 1, long.MaxValue);
        Assert.Contains(stat.State, "RSD");
        Assert.False(stat.IsZombie);
    }

    [Fact]
    public void A_line_of_stat_is_read_field_by_field()
    {
        var stat = ProcFs.ParseStat("7 (x) y) S 1 2 3 4 5 6 7 8 9 10 100 20 13 14 15 16 17 18 777 20 55 22 23\n");
        Assert.Equal(new ProcessStat(7, 1, 2, 3, 'S', 777, "x) y", 120, 55), stat);
    }

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("7 (x)")]
    [InlineData("(x) S 1 2")]
    [InlineData("7 (x) S 1 2 3")]
    [InlineData(")(")]
    public void Garbage_is_no_stat(string text) => Assert.Null(ProcFs.ParseStat(text));

    [Fact]
    public void Processor_time_is_counted()
    {
        using var child = Child.Shell("while :; do :; done");
        Patience.Until(() => ProcFs.TryReadStat(child.Pid)?.CpuTicks > 2, "a busy loop used no processor time");
    }

    [Fact]
    public void A_zombie_is_known_and_what_is_gone_gives_null()
    {
        using var child = Child.Shell("exit 0");
        Patience.ForReadiness(child.PidFd);
        Assert.True(ProcFs.TryReadStat(child.Pid)?.IsZombie);
        Assert.Empty(ProcFs.TryReadCommandLine(child.Pid)!);
        child.WaitExit();
        Assert.Null(ProcFs.TryReadStat(child.Pid));
        Assert.Null(ProcFs.TryReadEnvironment(child.Pid));
        Assert.Null(ProcFs.TryReadCommandLine(child.Pid));
        Assert.Null(ProcFs.TryReadCgroups(child.Pid));
        Assert.Null(ProcFs.TryReadChildren(child.Pid));
        Assert.Null(ProcFs.TryReopen(child.Pid, 1, OpenFlags.Read));
        Assert.DoesNotContain(child.Pid, ProcFs.ListProcesses());
    }

    [Fact]
    public void Environment_and_command_line_are_read_whole()
    {
        var big = new string('x', 20_000);
        using var child = Child.Start(new SpawnRequest
        {
            Path = "/bin/sleep", Arguments = ["my sleep", "1000", "0", "0"], Environment = ["A=1", "B=x=y", "A=2", $"BIG={big}", "nonsense", "E="],
        }).Executed();
        var environment = ProcFs.TryReadEnvironment(child.Pid);
        Assert.NotNull(environment);
        Assert.Equal(("1", "x=y", big, ""), (environment["A"], environment["B"], environment["BIG"], environment["E"]));
        Assert.Equal(4, environment.Count);
        Assert.Equal(["my sleep", "1000", "0", "0"], ProcFs.TryReadCommandLine(child.Pid));
        Assert.Contains(child.Pid, ProcFs.ListProcesses());
    }

    [Fact]
    public void Empty_arguments_at_the_end_of_a_command_line_are_kept()
    {
        using var child = Child.Program("/bin/sh", "-c", "sleep 1000; :", "", "").Executed();
        Assert.Equal(["/bin/sh", "-c", "sleep 1000; :", "", ""], ProcFs.TryReadCommandLine(child.Pid));
    }

    [Fact]
    public void Children_are_listed_whichever_thread_started_them()
    {
        Assert.SkipUnless(File.Exists($"/proc/self/task/{CurrentProcess.Id}/children"), "This kernel lists no children.");
        using var here = Child.Program("/bin/sleep", "1000");
        Child? there = null;
        using var mayEnd = new ManualResetEventSlim();
        using var started = new ManualResetEventSlim();
        var thread = new Thread(() =>
        {
            there = Child.Program("/bin/sleep", "1000");
            started.Set();
            mayEnd.Wait(Patience.Span);
        });
        thread.Start();
        started.Wait(Patience.Span);
        using (there)
        {
            var children = ProcFs.TryReadChildren(CurrentProcess.Id);
            Assert.NotNull(children);
            Assert.Contains(here.Pid, children);
            Assert.Contains(there!.Pid, children);
            mayEnd.Set();
            thread.Join();
        }
    }

    [Fact]
    public void What_another_process_has_open_can_be_opened_anew()
    {
        using var folder = new TemporaryFolder();
        using var file = Descriptor.Open(folder.Write("a", "text"), OpenFlags.Read);
        using var child = Child.Start(new SpawnRequest { Path = "/bin/sleep", Arguments = ["sleep", "1000"], Descriptors = [(file, 8)] });
        File.Delete(folder.Of("a"));
        using var again = ProcFs.TryReopen(child.Pid, 8, OpenFlags.Read);
        Assert.NotNull(again);
        Assert.Equal(4, again.Read(new byte[16]));
        Assert.Null(ProcFs.TryReopen(child.Pid, 9, OpenFlags.Read));
    }

    [Fact]
    public void Files_longer_than_a_chunk_are_read_whole()
    {
        using var folder = new TemporaryFolder();
        foreach (var length in new[] { 0, 1, 4095, 4096, 4097, 16_384, 100_000 })
        {
            var text = new string('y', length);
            Assert.Equal(text, ProcFs.TryReadText(folder.Write("a", text)));
        }

        Assert.Equal(["a", "b"], ProcFs.TryReadLines(folder.Write("b", "a\n\nb\n")));
        Assert.Null(ProcFs.TryReadText(folder.Of("missing")));
        Assert.Null(ProcFs.TryReadText(folder.Path));
    }

    [Fact]
    public void The_boot_and_the_control_groups_have_names()
    {
        Assert.True(Guid.TryParse(ProcFs.BootId, CultureInfo.InvariantCulture, out _));
        Assert.All(ProcFs.TryReadCgroups(CurrentProcess.Id)!, line => Assert.Equal(3, line.Split(':', 3).Length));
    }

    // "No descriptor left" must never read as "the process is gone".
    [Fact]
    public void Want_of_descriptors_is_an_error_and_no_answer()
    {
        using var child = Child.InRole("exhausted");
        Assert.Equal("EMFILE EMFILE EMFILE\n", child.ReadOutput());
    }
}
