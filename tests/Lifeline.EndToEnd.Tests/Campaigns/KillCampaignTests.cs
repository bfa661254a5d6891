using System.Globalization;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Campaigns;

/// <summary>
/// Monitor and keeper are killed at random moments, often in the middle of taking over. How often is told by the environment:
/// bench/campaign/run does it 300 and 20 times.
/// </summary>
public sealed class KillCampaignTests
{
    [Fact]
    public Task Monitors_killed_at_random_cost_no_service_and_no_line() =>
        RunAsync(Times("MONITOR_KILLS", 8), daemon => daemon.MonitorPid, "monitor");

    [Fact]
    public Task Keepers_killed_at_random_cost_no_service() =>
        RunAsync(Times("KEEPER_KILLS", 3), daemon => daemon.KeeperPid, "keeper");

    private static async Task RunAsync(int kills, Func<Daemon, int> victim, string what)
    {
        await using var crew = await Crew.StartAsync();
        var seed = Times("SEED", 17);
        var random = new Random(seed);
        await using (var client = new SteadyClient(crew.Sockets))
        {
            for (var kill = 0; kill < kills; kill++)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(Moment(random)));
                var pid = victim(crew.Daemon);
                Processes.Kill(pid);
                await Eventually.TrueAsync(
                    () => victim(crew.Daemon) is var next && next != 0 && next != pid && Processes.IsAlive(next), $"No successor of the {what} {pid} appeared after kill {kill + 1}, seed {seed}.");
            }

            await crew.AssertAllLiveAsync();
            Assert.True(client.Answers > 0, "No listening service ever answered.");
            await AssertEventsAsync(crew);
            await TellAsync($"{kills} kills of the {what}: {client.Answers} connections, none refused");
        }

        (await crew.Daemon.RunAsync("down")).MustSucceed();
        var (starts, lines) = (crew.AssertStarts(), crew.CountLines());
        await TellAsync($"{kills} kills of the {what}: {starts} starts, none doubled; {lines.Written} lines, {lines.Lost} lost, {lines.Doubled} doubled");
        Assert.True(lines.Written > 1000, $"Only {lines.Written} lines were written.");
        Assert.Equal((0L, 0L), (lines.Lost, lines.Doubled));
    }

    /// <summary>Half of them within the first moments of the successor, the others while it serves.</summary>
    private static int Moment(Random random) => random.Next(2) == 0 ? random.Next(120) : random.Next(1500);

    /// <summary>No steady service ever died, and the numbers have no gaps.</summary>
    private static async Task AssertEventsAsync(Crew crew)
    {
        var events = await crew.Daemon.EventsAsync();
        var steady = crew.Steady.ToHashSet();
        Assert.DoesNotContain(events, e => e.Kind() is "service.died" or "service.hung" && steady.Contains(e.GetProperty("service").GetString()!));
        var ids = events.Select(e => e.GetProperty("id").GetInt64()).ToList();
        Assert.Equal(ids.Count, ids[^1] - ids[0] + 1);
    }

    private static async Task TellAsync(string text)
    {
        TestContext.Current.SendDiagnosticMessage("{0}", text);
        if (Environment.GetEnvironmentVariable("LIFELINE_CAMPAIGN_REPORT") is { Length: > 0 } report)
            await File.AppendAllTextAsync(report, text + "\n");
    }

    private static int Times(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable("LIFELINE_CAMPAIGN_" + name), CultureInfo.InvariantCulture, out var times) ? times : otherwise;
}
