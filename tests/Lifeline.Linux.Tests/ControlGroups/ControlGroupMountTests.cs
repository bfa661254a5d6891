namespace Lifeline.Linux.Tests.ControlGroups;

public class ControlGroupMountTests
{
    private const string V2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate";

    [Theory]
    [InlineData(V2, "0::/", "/sys/fs/cgroup")]
    [InlineData(V2, "0::/user.slice/a:b", "/sys/fs/cgroup/user.slice/a:b")]
    [InlineData(V2, "5:pids:/x", null)]
    [InlineData(V2, "0::/../outside", null)]
    [InlineData("30 23 0:26 /docker/1 /cg ro - cgroup2 cgroup2 rw", "0::/docker/1/x", "/cg/x")]
    [InlineData("30 23 0:26 /docker/1 /cg ro - cgroup2 cgroup2 rw", "0::/docker/1", "/cg")]
    [InlineData("30 23 0:26 /docker/1 /cg ro - cgroup2 cgroup2 rw", "0::/docker/12", null)]
    [InlineData("30 23 0:26 /docker/1 /cg ro - cgroup2 cgroup2 rw", "0::/elsewhere", null)]
    [InlineData(@"30 23 0:26 / /my\040groups rw - cgroup2 cgroup2 rw", "0::/x", "/my groups/x")]
    [InlineData("31 23 0:27 / /cg/pids rw - cgroup cgroup rw,pids", "8:pids:/x", "/cg/pids/x")]
    [InlineData("31 23 0:27 / /cg/pids rw - cgroup cgroup rw,pids", "1:name=systemd:/x", null)]
    [InlineData("31 23 0:27 / /cg/pids rw - cgroup cgroup rw,pids", "0::/x", null)]
    [InlineData("31 23 0:27 / /cg/systemd rw - cgroup cgroup rw,xattr,name=systemd", "1:name=systemd:/x", "/cg/systemd/x")]
    public void A_line_of_proc_leads_to_a_folder(string mountinfo, string line, string? folder) =>
        Assert.Equal(folder, ControlGroupMount.Parse(mountinfo)?.TryResolve(line));

    [Theory]
    [InlineData("31 23 0:27 / /cg/memory rw - cgroup cgroup rw,memory")]
    [InlineData("31 23 0:27 / /proc rw - proc proc rw")]
    [InlineData("")]
    [InlineData("1 2 - cgroup2")]
    public void Hierarchies_that_limit_and_other_mounts_are_left_out(string mountinfo) => Assert.Null(ControlGroupMount.Parse(mountinfo));

    [Fact]
    public void A_read_only_mount_is_known()
    {
        Assert.False(ControlGroupMount.Parse(V2)!.IsReadOnly);
        Assert.True(ControlGroupMount.Parse("30 23 0:26 /docker/1 /cg ro,nosuid - cgroup2 cgroup2 rw")!.IsReadOnly);
    }
}
