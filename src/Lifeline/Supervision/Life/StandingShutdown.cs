using System.Globalization;
using Lifeline.Journal;
using Lifeline.Keeper;
using Lifeline.Linux;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>
/// That everything is being stopped. The journal remembers it: a monitor that comes up in the middle goes on with it, and does not start again what
/// was stopped. It counts for the keeper of that time alone: with the next one all begins anew.
/// </summary>
internal sealed class StandingShutdown(JournalStore journal, KeeperIdentity keeper, Supervisor supervisor)
{
    private const string Setting = "shutdown";

    /// <summary>Stops everything. On the loop only.</summary>
    /// <param name="cause">As in the event.</param>
    public void Begin(string cause)
    {
        journal.Commit(new JournalBatch { Settings = [new(Setting, $"{Identity()} {cause}")] });
        supervisor.Handle(new ShutdownRequested(cause));
    }

    /// <summary>What the keeper, or the monitor before, was told; null: everything shall run.</summary>
    public ShutdownRequested? Of(KeeperState state)
    {
        if (state.StopRequested)
            return new ShutdownRequested("signal") { IsUrgent = state.StopUrgent };
        return journal.Recovered.Settings.GetValueOrDefault(Setting)?.Split(' ', 2) is [var identity, var cause] && identity == Identity()
            ? new ShutdownRequested(cause)
            : null;
    }

    private string Identity() => string.Create(
        CultureInfo.InvariantCulture, $"{ProcFs.BootId}/{keeper.Pid}/{ProcFs.TryReadStat(keeper.Pid)?.StartTimeTicks ?? 0}");
}
