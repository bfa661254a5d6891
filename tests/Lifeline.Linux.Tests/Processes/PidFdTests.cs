using Lifeline.Linux.Tests.Descriptors;
using Lifeline.Linux.Tests.Harness;

namespace Lifeline.Linux.Tests.Processes;

public class PidFdTests
{
    [Fact]
    public void An_exit_code_is_reaped_once()
    {
        using var child = Child.Shell("exit 42");
        Patience.ForReadiness(child.PidFd);
        Assert.True(child.PidFd.HasExited);
        Assert.Equal(child.Pid, child.PidFd.Pid);
        Assert.Equal(new ExitStatus(42, null, false), child.PidFd.TryReap());
        Assert.Null(child.PidFd.TryReap());
        Assert.True(child.PidFd.HasExited);
        Assert.Null(child.PidFd.Pid);
        Assert.Equal(Errno.ESRCH, DescriptorTests.Refusal(() => child.PidFd.Signal(0)));
    }

    [Fact]
    public void A_descriptor_that_a_process_has_is_duplicated_and_another_is_not()
    {
        using var self = PidFd.Open(CurrentProcess.Id);
        using var wake = EventFd.Create();
        using var copy = self.TryDuplicate(wake.Number);
        Assert.NotNull(copy);
        wake.Signal();
        Assert.True(Poller.IsReady(copy, PollEvents.In));
        Assert.Null(self.TryDuplicate(int.MaxValue));
    }

    [Fact]
    public void A_signal_ends_it_and_is_told()
    {
        using var child = Child.Program("/bin/sleep", "1000");
        Assert.False(child.PidFd.HasExited);
        Assert.Null(child.PidFd.TryReap());
        Assert.Null(child.PidFd.TryGetExit());
        child.PidFd.Signal(0);
        child.PidFd.Signal(Signals.Terminate);
        Assert.Equal(new ExitStatus(null, Signals.Terminate, false), child.WaitExit());
    }

    [Fact]
    public void The_exit_of_a_process_that_is_not_ours_is_known_once_its_parent_reaped_it()
    {
        // The shell tells its child's number, waits for it, and ends.
        using var parent = Child.Shell("sleep 1000 & echo $!; wait $!; echo $?");
        using var stranger = PidFd.Open(int.Parse(parent.ReadLine(), System.Globalization.CultureInfo.InvariantCulture));
        Assert.Null(stranger.TryReap());
        Assert.Null(stranger.TryGetExit());
        stranger.Signal(Signals.Kill);
        Patience.ForReadiness(stranger);
        Assert.Null(stranger.TryReap());
        Assert.Equal("137", parent.ReadLine());
        Assert.SkipWhen(Environment.OSVersion.Version < new Version(6, 15), "Kernels before 6.15 do not keep the exit of others.");
        Assert.Equal(new ExitStatus(null, Signals.Kill, false), stranger.TryGetExit());
    }

    [Fact]
    public void The_exit_code_of_a_child_is_known_after_it_was_reaped()
    {
        using var child = Child.Shell("exit 9");
        Assert.Equal(9, child.WaitExit().ExitCode);
        Assert.SkipWhen(Environment.OSVersion.Version < new Version(6, 15), "Kernels before 6.15 keep no exits.");
        Assert.Equal(new ExitStatus(9, null, false), child.PidFd.TryGetExit());
    }

    [Theory]
    [InlineData(0x0000, 0, null, false)]
    [InlineData(0x2A00, 42, null, false)]
    [InlineData(0xFF00, 255, null, false)]
    [InlineData(9, null, 9, false)]
    [InlineData(0x80 | 11, null, 11, true)]
    public void A_wait_status_is_read(int status, int? code, int? signal, bool core) =>
        Assert.Equal(new ExitStatus(code, signal, core), ExitStatus.FromWaitStatus(status));

    [Theory]
    [InlineData(1, 3, 3, null, false)]
    [InlineData(2, 9, null, 9, false)]
    [InlineData(3, 6, null, 6, true)]
    public void A_child_status_is_read(int kind, int status, int? code, int? signal, bool core) =>
        Assert.Equal(new ExitStatus(code, signal, core), PidFd.Decode(kind, status));

    [Fact]
    public void A_number_that_is_nobodys_is_no_process()
    {
        using var child = Child.Shell("exit 0");
        child.WaitExit();
        Assert.Null(PidFd.TryOpen(child.Pid));
        Assert.Equal(Errno.ESRCH, DescriptorTests.Refusal(() => PidFd.Open(child.Pid)));
        Assert.Null(PidFd.TryOpen(-1));
        Assert.Null(PidFd.TryOpen(0));
    }

    [Fact]
    public void A_received_pidfd_is_the_same_process()
    {
        using var child = Child.Program("/bin/sleep", "1000");
        using var plain = child.PidFd.Duplicate();
        using var again = PidFd.FromDescriptor(plain);
        Assert.Equal(child.Pid, again.Pid);
        again.Signal(Signals.Kill);
        Assert.Equal(Signals.Kill, child.WaitExit().Signal);
    }

    [Fact]
    public void A_process_whose_first_thread_ended_has_not_exited()
    {
        var (read, write) = Pipe.Create();
        using (read)
        using (write)
        {
            using var child = Child.InRole("leader-exits", [(read, 6)]);
            Assert.Equal("ready", child.ReadLine());
            Patience.Until(() => ProcFs.TryReadStat(child.Pid)?.IsZombie == true, "the first thread did not end");
            Assert.False(child.PidFd.HasExited);
            Assert.Null(child.PidFd.TryReap());
            write.WriteAll("x"u8);
            Assert.Equal(4, child.WaitExit().ExitCode);
        }
    }
}
