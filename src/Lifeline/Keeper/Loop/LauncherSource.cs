using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>Starts launchers: this executable's <c>__launcher</c> with one end of a socket and the lock of the run folder.</summary>
internal sealed class LauncherSource(SelfCommand self, Descriptor? runLock)
{
    private readonly List<string> arguments = self.Arguments(SelfCommand.Launcher, []);

    /// <summary>The lock, once an adopting keeper has got it.</summary>
    public Descriptor? RunLock { get; set; } = runLock;

    /// <exception cref="LinuxException">No process, socket or descriptor could be had.</exception>
    public Launcher Start(int index, int epoch)
    {
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.Pair(UnixSocketType.SeqPacket);
        using (theirs)
        {
            try
            {
                SpawnedProcess process = RunLock is null
                    ? Child.Spawn(self.Path, arguments, inheritOutput: true, (theirs, KeeperProtocol.LinkDescriptor))
                    : Child.Spawn(self.Path, arguments, inheritOutput: true, (theirs, KeeperProtocol.LinkDescriptor), (RunLock, KeeperProtocol.LockDescriptor));
                return new Launcher(index, epoch, ours, process, ProcFs.TryReadStat(process.Pid)?.StartTimeTicks ?? 0);
            }
            catch
            {
                ours.Dispose();
                throw;
            }
        }
    }
}
