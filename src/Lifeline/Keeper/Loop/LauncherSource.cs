using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>
/// Makes launchers, each with one end of a socket and the lock of the run folder: as copies of the keeper, whose memory they share. A keeper that cannot copy itself (a
/// development build), or whose program is another one by now, starts the executable's <c>__launcher</c>.
/// </summary>
internal sealed class LauncherSource : IDisposable
{
    // Behind those of the launchers.
    private const int LockPlace = LauncherPool.MaxLaunchers;

    // A development build's runtime would wait in the open of a pipe for a debugger, and write its code through a file (W^X), at descriptors
    // that a service may need: overwritten, they are the end of the launcher.
    private static readonly IReadOnlyList<string> Variables = [.. Child.InheritedEnvironment, "DOTNET_EnableDiagnostics=0", "DOTNET_EnableWriteXorExecute=0"];

    private readonly CommandLineArea? commandLine = CommandLineArea.Find();
    private readonly ProcessCopier? copier = ProcessCopier.IsPossible ? new(LauncherPool.MaxLaunchers + 1) : null;
    private SelfCommand program;
    private Descriptor? runLock;
    private bool copiesItself;

    public LauncherSource(SelfCommand self, Descriptor? runLock)
    {
        program = self;
        copiesItself = copier is not null;
        if (runLock is not null) UseLock(runLock);
    }

    /// <summary>An adopting keeper has got the lock.</summary>
    public void UseLock(Descriptor other)
    {
        runLock = other;
        copier?.Put(LockPlace, other);
    }

    /// <summary>Launchers are of another program from now on: an upgrade.</summary>
    public void Use(SelfCommand other)
    {
        program = other;
        copiesItself = false;
    }

    /// <param name="index">Its place in the pool.</param>
    /// <param name="epoch">Tells it from others at that place.</param>
    /// <param name="groups">Where control groups are made.</param>
    /// <exception cref="LinuxException">No process, socket or descriptor could be had.</exception>
    public Launcher Start(int index, int epoch, SpareGroups groups)
    {
        string[] paths = groups.Next();
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.Pair(UnixSocketType.SeqPacket);
        using (theirs)
        {
            try
            {
                SpawnedProcess process = copiesItself ? Copy(index, theirs, paths, groups) : Spawn(theirs, paths);
                return new Launcher(index, epoch, ours, process, ProcFs.TryReadStat(process.Pid)?.StartTimeTicks ?? 0, paths);
            }
            catch
            {
                ours.Dispose();
                throw;
            }
        }
    }

    /// <summary>A launcher has said that it is there, or is gone: its end of the socket need not be kept for it any more.</summary>
    public void NoteThere(int index) => copier?.Clear(index);

    public void Dispose() => copier?.Dispose();

    private SpawnedProcess Copy(int index, UnixSocket theirs, string[] paths, SpareGroups groups)
    {
        using Descriptor? group = groups.TryMakeForBirth(paths);
        copier!.Put(index, theirs);
        try
        {
            int pid = copier.Copy(group, out bool isInGroup);
            if (pid == 0) LauncherProgram.RunAsCopy(copier, index, runLock is null ? null : LockPlace, isInGroup ? paths.AsSpan(1) : paths, paths, commandLine, program.Path);
            return SpawnedProcess.OfChild(pid);
        }
        catch
        {
            copier.Clear(index);
            throw;
        }
    }

    private SpawnedProcess Spawn(UnixSocket theirs, string[] paths)
    {
        List<string> arguments = program.Arguments(SelfCommand.Launcher, paths);
        return runLock is null
            ? Child.Spawn(program.Path, arguments, Variables, inheritOutput: true, (theirs, KeeperProtocol.LinkDescriptor))
            : Child.Spawn(program.Path, arguments, Variables, inheritOutput: true, (theirs, KeeperProtocol.LinkDescriptor), (runLock, KeeperProtocol.LockDescriptor));
    }
}
