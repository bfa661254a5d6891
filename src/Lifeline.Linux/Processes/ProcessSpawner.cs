using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>What to start.</summary>
public sealed record SpawnRequest
{
    /// <summary>The program; no search. A relative path counts from <see cref="WorkingDirectory"/>.</summary>
    public required string Path { get; init; }

    /// <summary>Its arguments, the name first.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Its whole environment, as NAME=VALUE.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Its working folder; null: ours.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Whether it leads a session of its own.</summary>
    public bool NewSession { get; init; } = true;

    /// <summary>
    /// What it gets at which number. All other descriptors are closed; 0, 1 and 2 are ours where the map does not name them.
    /// </summary>
    public IReadOnlyList<(Descriptor Source, int Target)> Descriptors { get; init; } = [];
}

/// <summary>A started process. The pidfd belongs to the receiver.</summary>
/// <param name="Pid">Its number.</param>
/// <param name="PidFd">Its lasting name.</param>
public sealed record SpawnedProcess(int Pid, PidFd PidFd) : IDisposable
{
    /// <summary>Names a child that nobody has reaped and nobody but the caller reaps.</summary>
    /// <param name="pid">Its number.</param>
    /// <exception cref="LinuxException">No descriptor is left. The child has been killed: a process that nobody can name must not live on.</exception>
    public static SpawnedProcess OfChild(int pid)
    {
        try
        {
            // The number cannot be used again before the child is reaped.
            return new SpawnedProcess(pid, PidFd.Open(pid));
        }
        catch
        {
            _ = Libc.kill(pid, Signals.Kill);
            CurrentProcess.WaitAndReap(pid);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => PidFd.Dispose();
}

/// <summary>Starts programs with posix_spawn: no signal is blocked or ignored in them.</summary>
public static unsafe class ProcessSpawner
{
    private const short SetSignalDefault = 0x04;
    private const short SetSignalMask = 0x08;
    private const short SetSession = 0x80;

    /// <summary>Most descriptors of a request.</summary>
    public const int MaxDescriptors = 64;

    /// <summary>Highest number at which a descriptor can be placed.</summary>
    public const int MaxTarget = 1023;

    /// <summary>Starts a program.</summary>
    /// <param name="request">What.</param>
    /// <exception cref="LinuxException">It could not be started.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Too many descriptors, or a target beyond <see cref="MaxTarget"/>.</exception>
    /// <remarks>Whoever reaps children of others (<see cref="CurrentProcess.ReapOrphan"/>) must not do so while this runs.</remarks>
    public static SpawnedProcess Spawn(SpawnRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        CheckDescriptors(request.Descriptors);
        using var paths = new NativeStrings([request.Path, request.WorkingDirectory ?? ""]);
        var actions = stackalloc byte[512];
        var attributes = stackalloc byte[512];
        _ = Libc.posix_spawn_file_actions_init(actions);
        _ = Libc.posix_spawnattr_init(attributes);
        // Raised above every target first, so that no placement overwrites a source that is still needed.
        var raised = new Descriptor?[request.Descriptors.Count];
        try
        {
            SetAttributes(attributes, request.NewSession);
            AddDescriptors(actions, request, raised);
            if (request.WorkingDirectory is not null)
                Check(Libc.posix_spawn_file_actions_addchdir_np(actions, paths.Pointer[1]), request);
            return Start(request, paths.Pointer[0], actions, attributes);
        }
        finally
        {
            foreach (var descriptor in raised)
                descriptor?.Dispose();
            _ = Libc.posix_spawn_file_actions_destroy(actions);
            _ = Libc.posix_spawnattr_destroy(attributes);
        }
    }

    private static void CheckDescriptors(IReadOnlyList<(Descriptor Source, int Target)> descriptors)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Count, MaxDescriptors);
        foreach (var (_, target) in descriptors)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(target);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(target, MaxTarget);
        }
    }

    private static void SetAttributes(byte* attributes, bool newSession)
    {
        var none = stackalloc byte[128];
        var all = stackalloc byte[128];
        new Span<byte>(none, 128).Clear();
        new Span<byte>(all, 128).Fill(0xFF);
        _ = Libc.posix_spawnattr_setsigmask(attributes, none);
        _ = Libc.posix_spawnattr_setsigdefault(attributes, all);
        _ = Libc.posix_spawnattr_setflags(attributes, (short)(SetSignalDefault | SetSignalMask | (newSession ? SetSession : 0)));
    }

    private static void AddDescriptors(byte* actions, SpawnRequest request, Descriptor?[] raised)
    {
        var highest = 2;
        foreach (var (_, target) in request.Descriptors)
            highest = Math.Max(highest, target);
        for (var i = 0; i < raised.Length; i++)
            raised[i] = DuplicateAbove(request.Descriptors[i].Source, highest);
        var named = new bool[highest + 1];
        for (var i = 0; i < raised.Length; i++)
        {
            named[request.Descriptors[i].Target] = true;
            Check(Libc.posix_spawn_file_actions_adddup2(actions, raised[i]!.Number, request.Descriptors[i].Target), request);
        }

        // What we inherited without close-on-exec may stand at a number in between; closing one that is not open does no harm.
        for (var number = 3; number < highest; number++)
            if (!named[number])
                Check(Libc.posix_spawn_file_actions_addclose(actions, number), request);
        Check(Libc.posix_spawn_file_actions_addclosefrom_np(actions, highest + 1), request);
    }

    private static Descriptor DuplicateAbove(Descriptor source, int highest)
    {
        using var use = new Descriptor.Use(source);
        var fd = Libc.fcntl(use.Number, Libc.FDuplicateCloseOnExec, highest + 1);
        return fd >= 0 ? new Descriptor(fd) : throw LinuxException.Last($"duplicate descriptor {use.Number} above {highest}");
    }

    private static SpawnedProcess Start(SpawnRequest request, byte* path, byte* actions, byte* attributes)
    {
        using var argv = new NativeStrings(request.Arguments);
        using var envp = new NativeStrings(request.Environment);
        int pid;
        Check(Libc.posix_spawn(&pid, path, actions, attributes, argv.Pointer, envp.Pointer), request);
        return SpawnedProcess.OfChild(pid);
    }

    private static void Check(int error, SpawnRequest request)
    {
        if (error == 0)
            return;
        var folder = request.WorkingDirectory is { } working ? $" in \"{working}\"" : "";
        throw new LinuxException($"posix_spawn(\"{request.Path}\"{folder})", (Errno)error);
    }
}
