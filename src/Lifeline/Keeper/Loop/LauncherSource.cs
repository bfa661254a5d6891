using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>Starts launchers: this executable's <c>__launcher</c> with one end of a socket and the lock of the run folder.</summary>
internal sealed class LauncherSource(SelfCommand self, Descriptor? runLock)
{
    // A development build's runtime would wait in the open of a pipe for a debugger, and write its code through a file (W^X), at descriptors
    // that a service may need: overwritten, they are the end of the launcher.
    private static readonly IReadOnlyList<string> Variables = [.. Child.InheritedEnvironment, "DOTNET_EnableDiagnostics=0", "DOTNET_EnableWriteXorExecute=0"];

    /// <summary>The program; another one after an upgrade.</summary>
    public SelfCommand Self { get; set; } = self;

    /// <summary>The lock, once an adopting keeper has got it.</summary>
    public Descriptor? RunLock { get; set; } = runLock;

    /// <param name="index">Its place in the pool.</param>
    /// <param name="epoch">Tells it from others at that place.</param>
    /// <param name="groups">Paths of the control groups it makes and joins.</param>
    /// <exception cref="LinuxException">No process, socket or descriptor could be had.</exception>
    public Launcher Start(int index, int epoch, string[] groups)
    {
        List<string> arguments = Self.Arguments(SelfCommand.Launcher, groups);
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.Pair(UnixSocketType.SeqPacket);
        using (theirs)
        {
            try
            {
                SpawnedProcess process = RunLock is null
                    ? Child.Spawn(Self.Path, arguments, Variables, inheritOutput: true, (theirs, KeeperProtocol.LinkDescriptor))
                    : Child.Spawn(Self.Path, arguments, Variables, inheritOutput: true, (theirs, KeeperProtocol.LinkDescriptor), (RunLock, KeeperProtocol.LockDescriptor));
                return new Launcher(index, epoch, ours, process, ProcFs.TryReadStat(process.Pid)?.StartTimeTicks ?? 0, groups);
            }
            catch
            {
                ours.Dispose();
                throw;
            }
        }
    }
}
