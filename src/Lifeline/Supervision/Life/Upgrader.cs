using Lifeline.Ipc;
using Lifeline.Keeper;
using Lifeline.Linux;
using Lifeline.Reclaim;

namespace Lifeline.Supervision;

/// <summary>The change to another program while the services go on. Safe for any thread.</summary>
internal sealed class Upgrader(KeeperLink keeper, TimeProvider time, Action<string> log)
{
    // What `lifeline --version` says before its number.
    private const string NameAndSpace = "lifeline ";

    private static readonly TimeSpan TrialTimeout = TimeSpan.FromSeconds(20);

    // Whoever asked gets the answer before this monitor is ended.
    private static readonly TimeSpan AnswerDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>Tries the program and, soon after this returned, has the keeper go over to it. Blocks for as long as the trial takes.</summary>
    /// <exception cref="IpcException">The program cannot be used, or the keeper cannot be replaced in place.</exception>
    public void Begin(IReadOnlyList<string> program, CallerIdentity caller)
    {
        // More than an order: the program runs with all that we may do.
        if (caller.Uid != 0 && caller.Uid != CurrentProcess.Uid)
            throw new IpcException(IpcError.PermissionDenied, $"User {caller.Uid} may not change the program: only root and the monitor's own user may.");
        if (program.Count == 0 || !Path.IsPathRooted(program[0]))
            throw new IpcException(IpcError.CheckParam, "The program must be named by its absolute path.");
        if (keeper.State.KeeperVersion < KeeperProtocol.HooksVersion)
            throw new IpcException(IpcError.CheckParam, "The keeper is of a version that cannot be replaced in place: use `lifeline down` and `lifeline up` once.");
        var version = Try(program);
        log($"going over to {program[0]} ({version})");
        _ = GoOverAsync(new SelfCommand(program[0], [.. program.Skip(1)]));
    }

    private string Try(IReadOnlyList<string> program)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in Child.InheritedEnvironment)
            if (entry.IndexOf('=', StringComparison.Ordinal) is var at and > 0)
                environment[entry[..at]] = entry[(at + 1)..];
        var result = new CommandRunner(time).Run(new CommandOrder { Command = [.. program, "--version"], Environment = environment, Timeout = TrialTimeout });
        var said = result.Output.Trim();
        if (!result.Succeeded)
            throw Refuse(program, result.Describe());
        if (!said.StartsWith(NameAndSpace, StringComparison.Ordinal) || !Version.TryParse(said.AsSpan(NameAndSpace.Length), out var version))
            throw Refuse(program, $"it says \"{said}\", which no Lifeline does");
        // What this one wrote, into the journal above all, an older one may misread.
        if (version < Version.Parse(Cli.ProductVersion.Text))
            throw Refuse(program, $"version {version} is older than {Cli.ProductVersion.Text}, which runs (to go back, use `lifeline down` and the older program's `lifeline up`)");
        return said;
    }

    private static IpcException Refuse(IReadOnlyList<string> program, string why) =>
        new(IpcError.CheckParam, $"{program[0]} was tried and is not used: {why}.");

    private async Task GoOverAsync(SelfCommand program)
    {
        await Task.Delay(AnswerDelay, time).ConfigureAwait(false);
        keeper.Upgrade(program);
    }
}
