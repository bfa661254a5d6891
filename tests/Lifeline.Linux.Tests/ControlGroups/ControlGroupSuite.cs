using System.Globalization;
using Lifeline.Linux.Tests.Harness;

namespace Lifeline.Linux.Tests.ControlGroups;

public sealed class ControlGroupV1Tests() : ControlGroupSuite(ControlGroupVersion.V1);

public sealed class ControlGroupV2Tests() : ControlGroupSuite(ControlGroupVersion.V2);

/// <summary>What a control group does, whatever the version.</summary>
public abstract class ControlGroupSuite : IDisposable
{
    // Leaves its session, its parent and its environment, and does so twice.
    private const string Escapee = "setsid env -i /bin/sh -c 'setsid /bin/sleep 1000 & setsid /bin/sleep 1000 & exit 0' & ";

    private readonly ControlGroupRoot _root;
    private readonly List<Child> _children = [];

    protected ControlGroupSuite(ControlGroupVersion version)
    {
        Assert.SkipWhen(ControlGroupMount.List().All(m => m.Version != version), $"This machine has no control groups of version {version}.");
        var root = ControlGroupRoot.Find($"lifeline-test-{CurrentProcess.Id}", version);
        Assert.SkipWhen(root is null && CurrentProcess.Uid != 0, $"This user may not make control groups of version {version}.");
        Assert.SkipWhen(
            root is null && ControlGroupMount.List().Where(m => m.Version == version).All(m => m.IsReadOnly),
            $"The control groups of version {version} are mounted read-only here.");
        Assert.NotNull(root);
        Assert.Equal(version, root.Version);
        _root = root;
    }

    public void Dispose()
    {
        foreach (var name in _root?.ListNames() ?? [])
        {
            _root!.Open(name).Kill();
            _root.Open(name).WaitEmpty(Patience.Span);
            _root.Open(name).Remove();
        }

        foreach (var child in _children)
            child.Dispose();
        _root?.Remove();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void A_new_group_is_empty_and_can_be_removed()
    {
        var group = _root.Create("a-service.1");
        Assert.True(group.Exists);
        Assert.False(group.IsPopulated);
        Assert.Empty(group.ListProcesses());
        Assert.True(group.WaitEmpty(TimeSpan.Zero));
        Assert.Contains("a-service.1", _root.ListNames());
        Assert.Equal(group.Path, _root.Create("a-service.1").Path);
        Assert.True(group.Remove());
        Assert.False(group.Exists);
        Assert.True(group.Remove());
        Assert.False(group.IsPopulated);
        Assert.True(group.WaitEmpty(TimeSpan.Zero));
        group.Kill();
        Assert.Null(group.OpenEvents());
        Assert.Empty(_root.ListNames());
    }

    [Fact]
    public void A_process_joins_by_itself_and_its_children_are_born_members()
    {
        var group = _root.Create("s");
        var shell = Start(group, "sleep 1000 & echo $!; wait");
        var sleeper = int.Parse(shell.ReadLine(), CultureInfo.InvariantCulture);
        Assert.True(group.IsPopulated);
        Assert.Equal([shell.Pid, sleeper], group.ListProcesses().Order());
        Assert.Equal("s", _root.NameOf(shell.Pid));
        Assert.Equal("s", _root.NameOf(sleeper));
        Assert.Null(_root.NameOf(CurrentProcess.Id));
        Assert.False(group.WaitEmpty(TimeSpan.FromMilliseconds(20)));
        Assert.False(group.Remove());
        Assert.True(group.Exists);
    }

    [Fact]
    public void A_process_can_be_put_in()
    {
        var group = _root.Create("s");
        var sleeper = Child.Program("/bin/sleep", "1000");
        _children.Add(sleeper);
        group.Add(sleeper.Pid);
        Assert.Equal([sleeper.Pid], group.ListProcesses());
        Assert.Equal("s", _root.NameOf(sleeper.Pid));
        Assert.Throws<LinuxException>(() => group.Add(int.MaxValue));
    }

    [Fact]
    public void Nobody_escapes_and_a_kill_gets_all()
    {
        var group = _root.Create("s");
        var shell = Start(group, Escapee + Escapee + "echo $PPID; exit 0");
        shell.ReadLine();
        shell.WaitExit();
        Patience.Until(() => group.ListProcesses().Count(IsSleep) == 4, "the four escapees are not members");
        var escapees = group.ListProcesses();
        Assert.All(escapees, pid => Assert.Equal("s", _root.NameOf(pid)));

        group.Kill();
        Assert.True(group.WaitEmpty(Patience.Span));
        Assert.False(group.IsPopulated);
        Assert.All(escapees, pid => Assert.False(IsSleep(pid)));
        Assert.True(group.Remove());
    }

    [Fact]
    public void Groups_within_a_group_belong_to_it()
    {
        var group = _root.Create("s");
        var shell = Start(group, """
            cd "${1%/*}"
            d=.; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do d=$d/n$i; mkdir $d; done
            echo 0 >$d/cgroup.procs
            exec sleep 1000
            """);
        Patience.Until(() => IsSleep(shell.Pid), "the shell did not become sleep");
        Assert.True(group.IsPopulated);
        Assert.Equal([shell.Pid], group.ListProcesses());
        Assert.Equal("s", _root.NameOf(shell.Pid));
        Assert.False(group.Remove());
        group.Kill();
        Assert.True(group.WaitEmpty(Patience.Span));
        Assert.Equal(Signals.Kill, shell.WaitExit().Signal);
        Assert.True(group.Remove());
        Assert.False(group.Exists);
    }

    [Fact]
    public void A_zombie_does_not_populate_a_group()
    {
        var group = _root.Create("s");
        var shell = Start(group, "exit 0");
        Patience.ForReadiness(shell.PidFd);
        Assert.True(group.WaitEmpty(Patience.Span));
        Assert.False(group.IsPopulated);
        shell.WaitExit();
        Assert.True(group.Remove());
    }

    [Fact]
    public void A_process_whose_first_thread_ended_populates_its_group_and_is_killed()
    {
        var group = _root.Create("s");
        var (read, write) = Pipe.Create();
        using (read)
        using (write)
        {
            var child = Child.InRole("leader-exits", [(read, 6)], group.JoinFile);
            _children.Add(child);
            Assert.Equal("ready", child.ReadLine());
            Patience.Until(() => ProcFs.TryReadStat(child.Pid)?.IsZombie == true, "the first thread did not end");
            Assert.True(group.IsPopulated);
            Assert.Contains(child.Pid, group.ListProcesses());
            group.Kill();
            Assert.True(group.WaitEmpty(Patience.Span));
            Assert.Equal(Signals.Kill, child.WaitExit().Signal);
        }
    }

    [Fact]
    public async Task Waiting_ends_when_the_last_member_does()
    {
        var group = _root.Create("s");
        var shell = Start(group, "exec sleep 1000");
        var waiting = Task.Run(() => group.WaitEmpty(Patience.Span));
        shell.PidFd.Signal(Signals.Kill);
        Assert.True(await waiting);
    }

    [Fact]
    public void A_change_is_an_event_where_the_kernel_has_them()
    {
        var group = _root.Create("s");
        using var events = group.OpenEvents();
        if (_root.Version == ControlGroupVersion.V1)
        {
            Assert.Null(events);
            return;
        }

        Assert.NotNull(events);
        Assert.False(Poller.IsReady(events, PollEvents.Priority));
        var shell = Start(group, "exec sleep 1000");
        Patience.ForReadiness(events, PollEvents.Priority);
        Assert.True(group.IsPopulated);
        // Ready until it is read again, which is how a waiter tells that it knows.
        Assert.True(Poller.IsReady(events, PollEvents.Priority));
        events.ReadAt(new byte[64], 0);
        Assert.False(Poller.IsReady(events, PollEvents.Priority));
        group.Kill();
        Patience.ForReadiness(events, PollEvents.Priority);
        Assert.False(group.IsPopulated);
        shell.WaitExit();
        Assert.Equal(1, OpenNumbers.CountInto(group.Path));
    }

    [Fact]
    public void A_root_is_found_again_by_its_path()
    {
        var group = _root.Create("s");
        var again = ControlGroupRoot.Reopen(_root.Version, _root.Path);
        Assert.Equal(group.Path, again.Open("s").Path);
        var shell = Start(group, "exec sleep 1000");
        Assert.Equal("s", again.NameOf(shell.Pid));
        Assert.Equal(_root.Path, ControlGroupRoot.Find(System.IO.Path.GetFileName(_root.Path), _root.Version)?.Path);
        Assert.Equal(["s"], _root.ListNames());
    }

    // Two monitors may have roots of one name at different places.
    [Fact]
    public void A_group_of_another_root_of_the_same_name_is_not_ours()
    {
        var inner = _root.Create("other");
        var path = System.IO.Path.Combine(inner.Path, System.IO.Path.GetFileName(_root.Path));
        Directory.CreateDirectory(path);
        var nested = ControlGroupRoot.Reopen(_root.Version, path);
        var group = _root.Create("s");
        var shell = Start(group, "exec sleep 1000");
        Assert.Equal("s", _root.NameOf(shell.Pid));
        Assert.Null(nested.NameOf(shell.Pid));
        var theirs = Start(nested.Create("t"), "exec sleep 1000");
        Assert.Equal("t", nested.NameOf(theirs.Pid));
        Assert.Equal("other", _root.NameOf(theirs.Pid));
    }

    [Fact]
    public void Several_may_look_for_a_root_at_once()
    {
        var name = System.IO.Path.GetFileName(_root.Path);
        var found = new ControlGroupRoot?[8];
        Parallel.For(0, found.Length, i => found[i] = ControlGroupRoot.Find(name, _root.Version));
        Assert.All(found, root => Assert.Equal(_root.Path, root?.Path));
        Assert.Empty(_root.ListNames());
        Assert.Empty(Directory.GetDirectories(_root.Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("ä")]
    [InlineData("a b")]
    public void A_wrong_name_is_refused(string name) => Assert.ThrowsAny<ArgumentException>(() => _root.Create(name));

    [Fact]
    public void A_name_has_a_greatest_length()
    {
        _root.Create(new string('a', ControlGroupRoot.MaxNameLength));
        Assert.Throws<ArgumentException>(() => _root.Create(new string('a', ControlGroupRoot.MaxNameLength + 1)));
    }

    private static bool IsSleep(int pid) => ProcFs.TryReadStat(pid) is { IsZombie: false, Name: "sleep" };

    // A shell that joins before it does anything else, as a launcher does. $1 is the file it joins by.
    private Child Start(ControlGroup group, string script)
    {
        var child = Child.Shell("echo 0 >\"$1\"; echo joined; " + script, group.JoinFile);
        _children.Add(child);
        Assert.Equal("joined", child.ReadLine());
        return child;
    }
}
