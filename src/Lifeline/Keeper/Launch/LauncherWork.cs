using System.Globalization;
using System.Text;
using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>Turns the launcher into the service, step by step; each failure names its step.</summary>
internal sealed class LauncherWork
{
    private UnixSocket keeper;
    private Descriptor? runLock;
    private readonly string[] groups;
    private LaunchStep step = LaunchStep.Order;

    public LauncherWork(UnixSocket keeper, Descriptor? runLock, string[] groups)
    {
        this.keeper = keeper;
        this.runLock = runLock;
        this.groups = groups;
    }

    /// <summary>Makes the control group that will be the service's and joins it. That takes milliseconds: it is done before anybody waits.</summary>
    /// <returns>False, and the keeper was told why, if there is no such group now.</returns>
    /// <param name="keeper">Told of it.</param>
    /// <param name="path">The group.</param>
    /// <param name="isCopy">Whether this process is a copy of the keeper: it has one thread only.</param>
    public static bool TryJoinOwn(UnixSocket keeper, string path, bool isCopy)
    {
        try
        {
            ControlGroupRoot folder = ControlGroupRoot.Reopen(ControlGroupVersion.V2, Path.GetDirectoryName(path)!); // joining is the same in both versions
            ControlGroup group = folder.Create(Path.GetFileName(path));
            if (isCopy) group.AddOnlyThread();
            else group.Add(0);
            return true;
        }
        catch (LinuxException e)
        {
            Fail(keeper, LaunchStep.ControlGroup, e.Errno, e.Message);
            return false;
        }
    }

    /// <summary>Returns only if it failed, after telling the keeper why.</summary>
    public void Do(ReadOnlySpan<byte> frame, Descriptor[] attached)
    {
        try
        {
            FrameReader reader = new(frame);
            reader.Utf8();
            reader.Int32();
            LauncherOrder order = LaunchJobCodec.DecodeOrder(ref reader);
            step = LaunchStep.ControlGroup;
            if (reader.Flags.HasFlag(FrameFlags.OwnGroup) && groups.Length == 0)
                throw new KeeperProtocolException("the order wants a control group of its own and the keeper was not told where to make them");
            step = LaunchStep.Order;
            if (attached.Length != order.Targets.Length)
                throw new KeeperProtocolException($"{order.Targets.Length} descriptors were announced and {attached.Length} came");

            Become(order, attached);
        }
        catch (LinuxException e)
        {
            Fail(e.Errno, e.Message);
        }
        catch (KeeperProtocolException e)
        {
            Fail(Errno.None, e.Message);
        }
    }

    /// <summary>
    /// Goes once through what an order will need, without effect, so that its code is loaded (or compiled, in a
    /// development build) before somebody waits for it.
    /// </summary>
    /// <param name="buffer">For an order that is made up.</param>
    /// <param name="withExec">Also a failing exec, which brings in much that only failures need.</param>
    public static void Rehearse(Span<byte> buffer, bool withExec)
    {
        LaunchJob job = new() { Slot = "-", Generation = 1, Arguments = ["-"], Environment = [new("PATH", "/dev/null")], PidVariables = ["P"], WorkingDirectory = "/" };
        FrameReader reader = new(buffer[..LaunchJobCodec.Encode(job, 0, buffer)]);
        reader.Utf8();
        reader.Int32();
        LauncherOrder order = LaunchJobCodec.DecodeOrder(ref reader);
        CurrentProcess.ChangeFolder(order.WorkingDirectory);
        CurrentProcess.CloseOnExecFrom(3);
        SetLimits([]);
        string[] environment = WithPid(order);
        List<string> candidates = Candidates(order.Arguments[0], environment);
        if (!withExec) return;
        try
        {
            CurrentProcess.Execute(candidates[0], order.Arguments, environment);
        }
        catch (LinuxException)
        {
            // /dev/null is no folder.
        }
    }

    private void Become(LauncherOrder order, Descriptor[] attached)
    {
        step = LaunchStep.ControlGroup;
        foreach (string path in order.ControlGroupJoinFiles) Join(path);
        foreach (LaunchGroupValue value in order.GroupValues) Write(value);
        step = LaunchStep.Limits;
        SetLimits(order.Limits);
        step = LaunchStep.Nice;
        if (order.Nice is { } nice) CurrentProcess.SetNice(nice);
        if (order.Umask is { } mask) CurrentProcess.SetUmask((UnixFileMode)mask);
        step = LaunchStep.Descriptors;
        PlaceDescriptors(order.Targets, attached);
        step = LaunchStep.Identity;
        if (order.Identity is { } identity) TakeOn(identity, order.Targets, attached);
        step = LaunchStep.WorkingDirectory;
        CurrentProcess.ChangeFolder(order.WorkingDirectory);
        string[] environment = WithPid(order);
        long prepared = order.BeforeStart.Length > 0 ? Prepare(order, environment) : 0;
        step = LaunchStep.Execute;
        Execute(order, environment, prepared);
    }

    // Programs open /dev/stdout again, which is a question of who owns the pipe.
    private static void TakeOn(LaunchIdentity identity, int[] targets, Descriptor[] attached)
    {
        for (int i = 0; i < targets.Length; i++)
        {
            if (targets[i] is 1 or 2 && attached[i].Stat().Kind == FileKind.Pipe) FileOwner.Set(attached[i], identity.Uid, identity.Gid);
        }

        CurrentProcess.SetIdentity(identity.Uid, identity.Gid, [.. identity.Groups]);
    }

    private void Write(LaunchGroupValue value)
    {
        if ((uint)value.Hierarchy >= (uint)groups.Length)
            throw new KeeperProtocolException($"{value.File} is to be set in control group {value.Hierarchy} and the launcher has {groups.Length}");
        try
        {
            using Descriptor file = Descriptor.Open(Path.Combine(groups[value.Hierarchy], Path.GetFileName(value.File)), OpenFlags.Write);
            file.WriteAll(Encoding.UTF8.GetBytes(value.Value));
        }
        catch (LinuxException e) when (value.IsOptional && e.Errno is Errno.ENOENT or Errno.EACCES)
        {
            // A kernel without swap accounting, for example.
        }
    }

    // Nanoseconds that the command took. It is here and not with the monitor so that nobody's death runs it twice: it is a part of
    // this launch, in its control group, and ends with it.
    private long Prepare(LauncherOrder order, string[] environment)
    {
        step = LaunchStep.BeforeStart;
        string program = order.BeforeStart[0];
        string path = program.Contains('/', StringComparison.Ordinal)
            ? program
            : Candidates(program, environment).Find(File.Exists) ?? throw new LinuxException($"before_start: '{program}' is in no folder of PATH", Errno.ENOENT);
        LauncherProgram.TellPreparing(keeper, order.BeforeStartTimeout);
        BeforeStartOutcome outcome = new BeforeStart(keeper, order.BeforeStart, order.BeforeStartTimeout).Run(path, environment);
        if (outcome.FailedAt is not { } failed) return outcome.Nanoseconds;
        step = failed;
        throw new KeeperProtocolException(outcome.Text);
    }

    private static void Join(string path)
    {
        using Descriptor file = Descriptor.Open(path, OpenFlags.Write);
        file.WriteAll("0"u8);
    }

    private static void SetLimits(LaunchLimit[] limits)
    {
        bool openFiles = false;
        foreach (LaunchLimit limit in limits)
        {
            CurrentProcess.SetResourceLimit(limit.Resource, limit.Soft, limit.Hard);
            openFiles |= limit.Resource == ResourceLimit.Descriptors;
        }

        if (openFiles) return;
        (_, ulong hard) = CurrentProcess.GetResourceLimit(ResourceLimit.Descriptors);
        CurrentProcess.SetResourceLimit(ResourceLimit.Descriptors, Math.Min(LauncherProgram.DefaultOpenFiles, hard), hard);
    }

    private void PlaceDescriptors(int[] targets, Descriptor[] attached)
    {
        int highest = 2;
        foreach (int target in targets) highest = Math.Max(highest, target);
        if (runLock is not null) runLock = Above(runLock, highest);
        for (; keeper.Number <= highest; keeper = UnixSocket.FromDescriptor(keeper)) GC.SuppressFinalize(keeper);
        for (int i = 0; i < attached.Length; i++) attached[i] = Above(attached[i], highest);
        using Descriptor nothing = Above(Descriptor.Open("/dev/null", OpenFlags.ReadWrite), highest);
        CurrentProcess.CloseOnExecFrom(3);
        for (int standard = 0; standard < 3; standard++) CurrentProcess.Place(nothing, standard);
        for (int i = 0; i < attached.Length; i++) CurrentProcess.Place(attached[i], targets[i]);
    }

    // A duplicate beyond the numbers that are about to be overwritten. The ones before stay open until exec closes them.
    private static Descriptor Above(Descriptor descriptor, int highest)
    {
        while (descriptor.Number <= highest)
        {
            GC.SuppressFinalize(descriptor);
            descriptor = descriptor.Duplicate();
        }

        return descriptor;
    }

    private void Execute(LauncherOrder order, string[] environment, long prepared)
    {
        string program = order.Arguments[0];
        List<string> candidates = program.Contains('/', StringComparison.Ordinal) ? [program] : Candidates(program, environment);
        if (!IsKeeperThere()) CurrentProcess.Exit(0); // nobody would know of the service
        LauncherProgram.TellExecuting(keeper, prepared);
        Errno worst = Errno.ENOENT;
        foreach (string path in candidates)
        {
            Errno error = TryExecute(path, order.Arguments, environment);
            if (error is not (Errno.ENOENT or Errno.ENOTDIR)) worst = error;
            if (error is not (Errno.ENOENT or Errno.ENOTDIR or Errno.EACCES)) break;
        }

        throw new LinuxException(Explain(program, candidates, worst), worst);
    }

    private static Errno TryExecute(string path, string[] arguments, string[] environment)
    {
        try
        {
            CurrentProcess.ResetSignals();
            CurrentProcess.Execute(path, arguments, environment);
            return Errno.None;
        }
        catch (LinuxException e)
        {
            return e.Errno;
        }
    }

    private static string Explain(string program, List<string> candidates, Errno error)
    {
        if (candidates.Count == 0) return $"'{program}' was not executed: PATH is empty";
        if (error == Errno.ENOEXEC) return $"'{program}' is not an executable program (a script needs a #! line)";
        if (error == Errno.EACCES) return $"'{program}' may not be executed (mode, owner, or a folder above it)";
        if (error != Errno.ENOENT) return $"executing '{program}'";
        if (!program.Contains('/', StringComparison.Ordinal)) return $"'{program}' is in no folder of PATH ({string.Join(':', candidates.Select(Path.GetDirectoryName))})";
        return File.Exists(program) ? $"'{program}' names an interpreter or loader that does not exist" : $"'{program}' does not exist";
    }

    private static List<string> Candidates(string program, string[] environment)
    {
        const string Variable = "PATH=";
        string path = Array.Find(environment, static entry => entry.StartsWith(Variable, StringComparison.Ordinal)) is { } found
            ? found[Variable.Length..]
            : "/usr/local/bin:/usr/bin:/bin";
        List<string> candidates = [];
        foreach (string folder in path.Split(':', StringSplitOptions.RemoveEmptyEntries)) candidates.Add(Path.Combine(folder, program));
        return candidates;
    }

    private static string[] WithPid(LauncherOrder order)
    {
        if (order.PidVariables.Length == 0) return order.Environment;
        string pid = CurrentProcess.Id.ToString(CultureInfo.InvariantCulture);
        List<string> environment = [.. order.Environment];
        foreach (string name in order.PidVariables)
        {
            environment.RemoveAll(entry => entry.StartsWith(name + "=", StringComparison.Ordinal));
            environment.Add($"{name}={pid}");
        }

        return [.. environment];
    }

    private bool IsKeeperThere() => !keeper.Receive(stackalloc byte[64], wait: false).EndOfStream;

    private void Fail(Errno error, string text) => Fail(keeper, step, error, text);

    private static void Fail(UnixSocket keeper, LaunchStep step, Errno error, string text)
    {
        byte[] frame = new byte[KeeperProtocol.MaxTextBytes + 64];
        FrameWriter writer = new(frame, KeeperMessageKind.LauncherFailed);
        writer.Int32((int)step);
        writer.Int32((int)error);
        writer.CutText(text);
        keeper.TrySend(writer.Written, default, wait: true, out _);
    }
}
