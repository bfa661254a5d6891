using Lifeline.Keeper;
using Lifeline.Linux;

namespace Lifeline.Tests.Keeper;

/// <summary>Who gets an order, with launchers that are played by a shell.</summary>
public sealed class LauncherPoolTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("pool-").FullName;
    private readonly InstanceTable instances = new();
    private readonly DescriptorTable descriptors = new();
    private readonly Epoll epoll = Epoll.Create();
    private readonly KeeperLog log;

    public LauncherPoolTests() => log = new KeeperLog(root, TimeProvider.System);

    public void Dispose()
    {
        log.Dispose();
        epoll.Dispose();
        descriptors.Dispose();
        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public void A_launcher_that_has_said_it_cannot_wait_gets_no_order_before_it_is_gone()
    {
        string says = Path.Combine(root, "failed");
        File.WriteAllBytes(says, Failure());
        using LauncherSource source = new(new SelfCommand("/bin/sh", ["-c", $"cat '{says}' >&{KeeperProtocol.LinkDescriptor}; exec sleep 1000"]), null);
        LauncherPool pool = new(instances, descriptors, source, epoll, log, idleTarget: 1, firstGroup: 0);
        pool.AllowIdle();
        pool.Pump(0);
        Launcher launcher = Assert.IsType<Launcher>(pool[0]);
        launcher.Announced = true;
        Assert.True(Poller.IsReady(launcher.Socket, PollEvents.In, (int)MonitorAtTest.Patience.TotalMilliseconds));
        Assert.Null(pool.Receive(launcher, 0));

        Instance instance = instances.TryAccept("a", 1, 1, isAdoption: false, out _)!;
        pool.Launch(instance, [], 0);

        Assert.Equal(InstanceState.Waiting, instance.State);
        pool.Shutdown();
    }

    private static byte[] Failure()
    {
        FrameWriter writer = new(new byte[256], KeeperMessageKind.LauncherFailed);
        writer.Int32((int)LaunchStep.ControlGroup);
        writer.Int32((int)Errno.ENOENT);
        writer.CutText("no group");
        return writer.Written.ToArray();
    }
}
