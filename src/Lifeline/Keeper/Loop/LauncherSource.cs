using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>
/// Makes launchers, each with one end of a socket and the lock of the run folder: as copies of the keeper, whose memory they share. A keeper that cannot copy itself (a
/// development build), or whose program is another one by now, starts the executable's <c>__launcher</c>.
/// </summary>
internal sealed class LauncherSource(SelfCommand self, Descriptor? runLock)
{
    // A development build's runtime would wait in the open of a pipe for a debugger, and write its code through a file (W^X), at descriptors
    // that a service may need: overwritten, they are the end of the launcher.
    private static readonly IReadOnlyList<string> Variables = [.. Child.InheritedEnvironment, "DOTNET_EnableDiagnostics=0", "DOTNET_EnableWriteXorExecute=0"];

    private readonly CommandLineArea? commandLine = CommandLineArea.Find();
    private SelfCommand program = self;
    private bool copiesItself = CurrentProcess.CanFork;

    /// <summary>The lock, once an adopting keeper has got it.</summary>
    public Descriptor? RunLock { get; set; } = runLock;

    /// <summary>Launchers are of another program from now on: an upgrade.</summary>
    public void Use(SelfCommand other)
    {
        program = other;
        copiesItself = false;
    }

    /// <param name="index">Its place in the pool.</param>
    /// <param name="epoch">Tells it from others at that place.</param>
    /// <param name="groups">Paths of the control groups it makes and joins.</param>
    /// <exception cref="LinuxException">No process, socket or descriptor could be had.</exception>
    public Launcher Start(int index, int epoch, string[] groups)
    {
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.Pair(UnixSocketType.SeqPacket);
        using (theirs)
        {
            try
            {
                SpawnedProcess process = copiesItself ? Copy(theirs, groups) : Spawn(theirs, groups);
                return new Launcher(index, epoch, ours, process, ProcFs.TryReadStat(process.Pid)?.StartTimeTicks ?? 0, groups);
            }
            catch
            {
                ours.Dispose();
                throw;
            }
        }
    }

    private SpawnedProcess Copy(UnixSocket theirs, string[] groups)
    {
        int pid = CurrentProcess.Fork();
        if (pid == 0) LauncherProgram.RunAsCopy(theirs, RunLock, groups, commandLine, program.Path);
        return SpawnedProcess.OfChild(pid);
    }

    private SpawnedProcess Spawn(UnixSocket theirs, string[] groups)
    {
        List<string> arguments = program.Arguments(SelfCommand.Launcher, groups);
        return RunLock is null
            ? Child.Spawn(program.Path, arguments, Variables, inheritOutput: true, (theirs, KeeperProtocol.LinkDescriptor))
            : Child.Spawn(program.Path, arguments, Variables, inheritOutput: true, (theirs, KeeperProtocol.LinkDescriptor), (RunLock, KeeperProtocol.LockDescriptor));
    }
}
