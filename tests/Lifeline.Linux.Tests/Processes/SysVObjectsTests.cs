using System.Globalization;
using Lifeline.Linux.Tests.Harness;

namespace Lifeline.Linux.Tests.Processes;

public class SysVObjectsTests
{
    [Theory]
    [InlineData(SysVKind.SharedMemory, "shmget(0, 4096, 0600)")]
    [InlineData(SysVKind.Semaphores, "semget(0, 1, 0600)")]
    [InlineData(SysVKind.MessageQueue, "msgget(0, 0600)")]
    public void An_object_is_listed_with_its_owner_and_removed(SysVKind kind, string make)
    {
        Assert.SkipUnless(File.Exists("/proc/sysvipc/shm"), "This kernel has no System V objects.");
        using var child = Child.Program("/usr/bin/perl", "-e", $"my $id = {make}; defined $id or die; print qq($id\\n)");
        var id = int.Parse(child.ReadOutput(), CultureInfo.InvariantCulture);
        child.WaitExit();

        var found = Assert.Single(SysVObjects.List(), o => o.Kind == kind && o.Id == id);
        Assert.Equal((CurrentProcess.Uid, 0, 0), (found.Owner, found.Key, found.Attached));
        if (kind == SysVKind.SharedMemory)
            Assert.Equal(child.Pid, found.CreatorPid);

        Assert.Equal(Errno.None, SysVObjects.Delete(kind, id));
        Assert.DoesNotContain(SysVObjects.List(), o => o.Kind == kind && o.Id == id);
        Assert.Contains(SysVObjects.Delete(kind, id), new[] { Errno.EINVAL, Errno.EIDRM });
    }
}
