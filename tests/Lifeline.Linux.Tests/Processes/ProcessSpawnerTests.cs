using Lifeline.Linux.Native;
using Lifeline.Linux.Tests.Descriptors;
using Lifeline.Linux.Tests.Harness;

namespace Lifeline.Linux.Tests.Processes;

public sealed unsafe class ProcessSpawnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_program_gets_arguments_environment_and_folder()
    {
        using var child = Child.Start(new SpawnRequest
        {
            Path = "/bin/sh",
            Arguments = ["my name", "-c", "printf '%s|' \"$0\" \"$@\" \"$A\"; pwd; tr '\\0' '|' </proc/$$/environ", "zero", "a b", "", "ünï"],
            Environment = ["A=x=y ", "EMPTY="],
            WorkingDirectory = _folder.Path,
        });
        Assert.Equal($"zero|a b||ünï|x=y |{_folder.Path}\nA=x=y |EMPTY=|", child.ReadOutput());
        Assert.Equal(new ExitStatus(0, null, false), child.WaitExit());
    }

    [Fact]
    public void It_leads_a_session_of_its_own_if_asked()
    {
        using var leader = Child.Program("/bin/sleep", "1000");
        Assert.Equal((leader.Pid, leader.Pid), (ProcFs.TryReadStat(leader.Pid)!.Session, ProcFs.TryReadStat(leader.Pid)!.Group));
        using var member = Child.Start(new SpawnRequest { Path = "/bin/sleep", Arguments = ["sleep", "1000"], NewSession = false });
        Assert.Equal(ProcFs.TryReadStat(CurrentProcess.Id)!.Session, ProcFs.TryReadStat(member.Pid)!.Session);
    }

    [Fact]
    public void Descriptors_whose_numbers_collide_with_their_targets_arrive_where_they_should()
    {
        var (a, b) = OpenFrom(40);
        var (c, d) = OpenFrom(60);
        using (a)
        using (b)
        using (c)
        using (d)
        {
            // Crosswise, one in place, one duplicated.
            using var child = Child.Start(new SpawnRequest
            {
                Path = "/bin/sleep", Arguments = ["sleep", "1000"],
                Descriptors = [(a, b.Number), (b, a.Number), (c, c.Number), (d, 3), (d, 5)],
            });
            // The loader of the program has files open for a moment; a leak would stay.
            var expected = new SortedSet<int> { 0, 1, 2, 3, 5, a.Number, b.Number, c.Number };
            Patience.Until(() => expected.SetEquals(OpenNumbers.Of(child.Pid).Keys), "other descriptors are open in the child than the map says");
            var open = OpenNumbers.Of(child.Pid);
            Assert.Equal(_folder.Of($"{b.Number}"), open[a.Number]);
            Assert.Equal(_folder.Of($"{a.Number}"), open[b.Number]);
            Assert.Equal(_folder.Of($"{c.Number}"), open[c.Number]);
            Assert.Equal(_folder.Of($"{d.Number}"), open[3]);
            Assert.Equal(_folder.Of($"{d.Number}"), open[5]);
        }
    }

    [Fact]
    public void Nothing_else_is_open_in_the_child_even_if_it_would_survive_an_exec()
    {
        using var file = Descriptor.Open(_folder.Write("a", ""), OpenFlags.Read);
        var inherited = Libc.fcntl(file.Number, 0, 30); // F_DUPFD: survives
        var above = Libc.fcntl(file.Number, 0, 200);
        using var child = Child.Start(new SpawnRequest
        {
            Path = "/bin/sleep", Arguments = ["sleep", "1000"], Descriptors = [(file, inherited + 20)],
        });
        Libc.close(inherited);
        Libc.close(above);
        Patience.Until(() => OpenNumbers.Of(child.Pid).Keys.SequenceEqual([0, 1, 2, inherited + 20]), "more is open in the child than the map says");
    }

    [Fact]
    public void Nothing_of_the_parent_stays_open_here()
    {
        using var file = Descriptor.Open(_folder.Write("a", ""), OpenFlags.Read);
        using var child = Child.Start(new SpawnRequest { Path = "/bin/sleep", Arguments = ["sleep", "1000"], Descriptors = [(file, 9)] });
        Assert.Equal(1, OpenNumbers.CountInto(_folder.Path));
        Assert.ThrowsAny<LinuxException>(() => ProcessSpawner.Spawn(new SpawnRequest { Path = "/missing", Arguments = ["x"], Descriptors = [(file, 9)] }));
        Assert.Equal(1, OpenNumbers.CountInto(_folder.Path));
    }

    [Fact]
    public void Signals_are_clean_although_they_are_blocked_and_ignored_here()
    {
        var old = stackalloc byte[128];
        var set = stackalloc byte[128];
        new Span<byte>(set, 128).Clear();
        *(ulong*)set = (1ul << (12 - 1)) | (1ul << (15 - 1)) | (1ul << (40 - 1));
        _ = Libc.sigprocmask(0, set, old);
        var ignore = stackalloc byte[152];
        var before = stackalloc byte[152];
        new Span<byte>(ignore, 152).Clear();
        *(nint*)ignore = 1;
        _ = Libc.sigaction(10, ignore, before);
        try
        {
            using var child = Child.Program("/bin/grep", "^Sig[BI]", "/proc/self/status");
            Assert.Equal("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n", child.ReadOutput());
        }
        finally
        {
            _ = Libc.sigaction(10, before, null);
            _ = Libc.sigprocmask(2, old, null);
        }
    }

    [Theory]
    [InlineData("/missing", Errno.ENOENT)]
    [InlineData("/etc/passwd", Errno.EACCES)]
    [InlineData("/etc", Errno.EACCES)]
    public void What_cannot_be_executed_says_why(string path, Errno errno)
    {
        var e = Assert.Throws<LinuxException>(() => ProcessSpawner.Spawn(new SpawnRequest { Path = path, Arguments = [path] }));
        Assert.Equal(errno, e.Errno);
        Assert.Contains(path, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        var e = Assert.Throws<LinuxException>(() => ProcessSpawner.Spawn(new SpawnRequest { Path = "/bin/true", Arguments = ["true"], WorkingDirectory = "/missing folder" }));
        Assert.Equal(Errno.ENOENT, e.Errno);
        Assert.Contains("/missing folder", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Senseless_requests_are_refused()
    {
        using var file = Descriptor.Open("/dev/null", OpenFlags.Read);
        Assert.Throws<ArgumentOutOfRangeException>(() => Spawn([(file, -1)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Spawn([(file, ProcessSpawner.MaxTarget + 1)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Spawn([.. Enumerable.Range(10, ProcessSpawner.MaxDescriptors + 1).Select(n => (file, n))]));
        Assert.Throws<ArgumentException>(() => Spawn([], "a\0b"));

        void Spawn(IReadOnlyList<(Descriptor, int)> map, string argument = "true") =>
            ProcessSpawner.Spawn(new SpawnRequest { Path = "/bin/true", Arguments = [argument], Descriptors = map }).Dispose();
    }

    private (Descriptor First, Descriptor Second) OpenFrom(int number) => (OpenAt(number), OpenAt(number));

    // A file that is called as its number.
    private Descriptor OpenAt(int lowest)
    {
        using var probe = Descriptor.Open("/dev/null", OpenFlags.Read);
        using var taken = new Descriptor(Libc.fcntl(probe.Number, Libc.FDuplicateCloseOnExec, lowest));
        var path = _folder.Write($"{taken.Number}", "");
        using var file = Descriptor.Open(path, OpenFlags.Read);
        taken.Dispose();
        return new Descriptor(Libc.fcntl(file.Number, Libc.FDuplicateCloseOnExec, lowest));
    }
}
