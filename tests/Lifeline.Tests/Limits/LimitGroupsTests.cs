using System.Globalization;
using Lifeline.Configuration;
using Lifeline.Limits;
using Lifeline.Linux;

namespace Lifeline.Tests.Limits;

public sealed class LimitGroupsTests : IDisposable
{
    private readonly ControlGroupRoot? _root = ControlGroupRoot.Find(string.Create(CultureInfo.InvariantCulture, $"lifeline-limits-{CurrentProcess.Id}"));
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lifeline-limits-");

    public void Dispose()
    {
        _root?.Remove();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void Values_go_where_the_controllers_are_and_only_for_what_is_limited()
    {
        Assert.SkipWhen(_root is null, "no control group can be made here");
        var groups = new LimitGroups(_root, null);
        Assert.Empty(groups.ValuesOf(new LimitSettings { Memory = 1 << 26, Processes = 7 }));
        groups.Need(memory: true, processes: true);
        Assert.False(groups.Need(memory: true, processes: true));
        var values = groups.ValuesOf(new LimitSettings { Memory = 1 << 26, Processes = 7 });
        Assert.Equal(groups.MemoryFolder is not null, values.Any(v => v is { File: "memory.max" or "memory.limit_in_bytes", Value: "67108864", IsOptional: false }));
        Assert.Equal(groups.ProcessesFolder is not null, values.Any(v => v is { File: "pids.max", Value: "7", IsOptional: false }));
        Assert.All(values, v => Assert.InRange(v.Hierarchy, 0, groups.Further.Count));
        Assert.Empty(groups.ValuesOf(new LimitSettings()));
        groups.RemoveRoots();
        Assert.All(groups.Further, folder => Assert.False(Directory.Exists(folder)));
    }

    [Theory]
    [InlineData("memory.events", "low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n", true)]
    [InlineData("memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 1\n", false)]
    [InlineData("memory.events", "low 0\nhigh 0\nmax 3\noom 0\noom_kill 0\n", false)]
    public void Version_2_tells_a_limit_from_a_machine_without_memory(string file, string text, bool ended)
    {
        Write(file, text);
        Assert.Equal(ended, new MemoryGroup(ControlGroupVersion.V2, _folder.FullName).HasEndedOne);
    }

    [Theory]
    [InlineData(1, 67_000_000, true)]
    [InlineData(1, 30_000_000, false)]
    [InlineData(0, 67_108_864, false)]
    public void Version_1_tells_it_by_how_much_there_ever_was(int killed, long peak, bool ended)
    {
        Write("memory.oom_control", string.Create(CultureInfo.InvariantCulture, $"oom_kill_disable 0\nunder_oom 0\noom_kill {killed}\n"));
        Write("memory.limit_in_bytes", "67108864\n");
        Write("memory.max_usage_in_bytes", peak.ToString(CultureInfo.InvariantCulture) + "\n");
        var group = new MemoryGroup(ControlGroupVersion.V1, _folder.FullName);
        Assert.Equal(ended, group.HasEndedOne);
        Assert.True(group.IsLimited);
        Write("memory.limit_in_bytes", "9223372036854771712\n");
        Assert.False(group.IsLimited);
    }

    [Fact]
    public void What_is_not_there_limits_nothing_and_ended_nobody()
    {
        foreach (var version in (ControlGroupVersion[])[ControlGroupVersion.V1, ControlGroupVersion.V2])
        {
            var group = new MemoryGroup(version, Path.Combine(_folder.FullName, "gone"));
            Assert.False(group.IsLimited);
            Assert.False(group.HasEndedOne);
        }
    }

    [Fact]
    public void Memory_is_measured_of_all_members_and_only_what_is_beyond_is_told()
    {
        var members = MemoryReading.Members(null, CurrentProcess.Id);
        Assert.Contains(CurrentProcess.Id, members);
        Assert.Null(MemoryReading.Beyond(1L << 50, members));
        Assert.True(MemoryReading.Beyond(1 << 20, members) > 1 << 20);
        Assert.Null(MemoryReading.Beyond(1 << 20, []));
    }

    private void Write(string file, string text) => File.WriteAllText(Path.Combine(_folder.FullName, file), text);
}
