using Lifeline.Journal;
using Lifeline.Keeper;
using Lifeline.Linux;
using Lifeline.Supervision;

namespace Lifeline.Tests.Supervision;

public class ControlGroupsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void What_was_said_last_of_a_generation_counts_and_a_group_has_one_owner()
    {
        var table = new GroupTable();
        table.Add("a", 1, "/one");
        table.Add("a", 1, "/two");
        Assert.Equal("/two", table.PathOf("a", 1));
        Assert.Null(table.OwnerOf("/one"));
        table.Add("b", 7, "/two");
        table.Remove("a", 1);
        Assert.Equal(("b", 7), table.OwnerOf("/two"));
        Assert.Null(table.PathOf("a", 1));
    }

    [Fact]
    public void What_comes_into_the_table_wakes_who_waits_for_it()
    {
        var table = new GroupTable();
        var change = table.NextChange;
        Assert.False(change.IsCompleted);
        table.Add("a", 1, "/one");
        Assert.True(change.IsCompleted);
        Assert.False(table.NextChange.IsCompleted);
    }

    [Fact]
    public async Task A_service_that_reports_before_its_launch_is_known_is_waited_for()
    {
        using var house = new GroupsAtTest();
        var (pid, group) = house.Start("l-1-1-1");
        var resolver = new CallerResolver(house.Groups);

        var owner = resolver.ResolveAsync(pid).AsTask();
        Assert.False(owner.IsCompleted);
        house.Groups.Note("a", 3, group.Path);

        Assert.Equal(("a", 3), await owner.WaitAsync(Patience));
        Assert.Equal(("a", 3), await resolver.ResolveAsync(pid));
    }

    [Fact]
    public async Task A_process_in_a_group_of_nobody_is_a_stranger_after_a_while()
    {
        using var house = new GroupsAtTest();
        var (pid, _) = house.Start("l-1-1-1");

        Assert.Null(await new CallerResolver(house.Groups).ResolveAsync(pid).AsTask().WaitAsync(Patience));
    }

    [Fact]
    public void The_journal_names_the_groups_of_this_boot_and_a_record_names_its_own()
    {
        using var house = new GroupsAtTest(
            new SavedSlot { Data = "{}"u8.ToArray(), Slot = "a", Generation = 4, State = "Running", BootId = ProcFs.BootId, ControlGroup = "/groups/a" },
            new SavedSlot { Data = "{}"u8.ToArray(), Slot = "b", Generation = 2, State = "Running", BootId = "another", ControlGroup = "/groups/b" });

        Assert.Equal("/groups/a", house.Groups.Of("a", 4)?.Path);
        Assert.Null(house.Groups.Of("b", 2));
        house.Groups.Note("c", 1, "/groups/c");
        var record = new Lifeline.Monitor.SlotRecord { Service = "c", BootId = ProcFs.BootId, Generation = 1 };
        Assert.Equal("/groups/c", SlotRecords.ToSaved(record, house.Groups).ControlGroup);
        Assert.Null(SlotRecords.ToSaved(record with { Generation = 2 }, house.Groups).ControlGroup);
    }

    [Fact]
    public void A_generation_that_never_lived_has_nothing_to_be_looked_for()
    {
        using var house = new GroupsAtTest();
        house.Groups.NoteUnborn("a", 1, null);
        Assert.False(house.Groups.Of("a", 1)!.IsPopulated);
    }

    [Fact]
    public void Groups_of_nobody_are_ended_and_those_of_services_and_launchers_stay()
    {
        using var house = new GroupsAtTest();
        var stray = house.Start("l-4194305-1-1");
        var old = house.Start("orders.3");
        var service = house.Start("l-4194305-1-2");
        var launcher = house.Start("l-4194305-1-3");
        var coming = house.Start(SpareGroups.PrefixOf(CurrentProcess.Id, ProcFs.TryReadStat(CurrentProcess.Id)!.StartTimeTicks) + "1");
        house.Groups.Note("a", 1, service.Group.Path);
        var log = new List<string>();

        new StrayGroups(Keeper(launcher.Group.Path), house.Groups, log.Add).End([]);

        Assert.Empty(log);
        foreach (var (_, group) in (ReadOnlySpan<(int, ControlGroup)>)[stray, old])
            Assert.False(group.IsPopulated);
        foreach (var (pid, group) in (ReadOnlySpan<(int, ControlGroup)>)[service, launcher, coming])
            Assert.Equal([pid], group.ListProcesses());
    }

    private static KeeperState Keeper(string launcherGroup) => new()
    {
        KeeperPid = CurrentProcess.Id,
        KeeperVersion = KeeperProtocol.Version,
        MonitorStarts = 1,
        StopRequested = false,
        StopUrgent = false,
        Processes = [],
        Exits = [],
        Launches = [],
        LauncherGroups = [launcherGroup],
        LastGenerations = new Dictionary<string, int>(),
        Descriptors = [],
    };
}
