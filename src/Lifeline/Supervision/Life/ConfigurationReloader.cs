using Lifeline.Alerting;
using Lifeline.Configuration;
using Lifeline.Contracts;
using Lifeline.Journal;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>Reads the configuration again and puts it in force as a whole, or not at all. One reload at a time.</summary>
internal sealed class ConfigurationReloader(
    Supervisor supervisor, ServiceDirectory services, AlertDispatcher alerts, JournalStore journal, Logs.LogCollector logs, string stateFolder, Action<LifelineConfiguration> prepare, Func<LifelineConfiguration, Task> serve)
{
    private readonly SemaphoreSlim _one = new(1);
    private LifelineConfiguration _current = null!;

    /// <summary>What is in force.</summary>
    public LifelineConfiguration Current => Volatile.Read(ref _current);

    public void Begin(LifelineConfiguration configuration) => Volatile.Write(ref _current, configuration);

    /// <summary>Reads it again. Never throws for what the file says; that is in the result and, for a refused reload, in an event.</summary>
    public async Task<ReloadResult> ReloadAsync(bool dryRun)
    {
        await _one.WaitAsync().ConfigureAwait(false);
        try
        {
            var environment = ConfigurationLoader.CurrentEnvironment();
            var loaded = ConfigurationLoader.Load(Current.File, environment);
            if (loaded.Configuration is not { } next)
                return Refuse([.. loaded.Errors.Select(e => e.ToString())], dryRun);
            var changes = ReloadPlan.Of(Current, next);
            if (!dryRun)
                await ApplyAsync(next, environment).ConfigureAwait(false);
            return new ReloadResult(!dryRun, changes, []);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Keeper.KeeperProtocolException)
        {
            return Refuse([e.Message], dryRun);
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task ApplyAsync(LifelineConfiguration next, IReadOnlyDictionary<string, string> environment)
    {
        // First: an address that cannot be had refuses the whole.
        await serve(next).ConfigureAwait(false);
        var known = services.All.Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        await Task.WhenAll(next.Services.Where(service => known.Contains(service.Name))
            .Select(service => logs.ReplaceAsync(service.Name, LogPipes.LimitsOf(service)))).ConfigureAwait(false);

        prepare(next);
        services.Update(next.Services);
        await alerts.ReplaceAsync(AlertRouter.ChannelsOf(next, environment)).ConfigureAwait(false);
        journal.Retain(next.Monitor.JournalMaxAge, next.Monitor.JournalMaxSize);
        AcceptedConfiguration.Save(stateFolder, next);
        Volatile.Write(ref _current, next);
        supervisor.Post(new ConfigurationChanged(CoreConfiguration.Of(next)));
    }

    private ReloadResult Refuse(IReadOnlyList<string> errors, bool dryRun)
    {
        // Who only asks has changed nothing, and nothing happened.
        if (!dryRun)
            journal.Append(new JournalEvent(EventKinds.ConfigReloaded, null, 0, MonitorEvents.ReloadRefused(errors)));
        return new ReloadResult(false, [], errors);
    }
}
