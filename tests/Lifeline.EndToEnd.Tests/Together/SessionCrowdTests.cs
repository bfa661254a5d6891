using Lifeline.EndToEnd.Tests.Harness;
using Lifeline.EndToEnd.Tests.Roles;

namespace Lifeline.EndToEnd.Tests.Together;

/// <summary>Two services with hundreds of sessions each, all reporting at once (bench/scale/sessions has ten thousand).</summary>
public sealed class SessionCrowdTests
{
    private static readonly string Configuration = $"""
        [monitor]
        http = "off"
        [defaults]
        autostart = false
        [services.one]
        command = [{RoleStart.Command}]
        env.{RoleStart.Variable} = "sessions"
        [services.two]
        command = [{RoleStart.Command}]
        env.{RoleStart.Variable} = "sessions"
        """;

    private static int Descriptors(Daemon daemon) => Directory.GetFiles($"/proc/{daemon.MonitorPid}/fd").Length;

    private static Task<string> AnsweredAsync(Daemon daemon, string service, int times) => Eventually.GetAsync(
        async () => (await daemon.RunAsync("logs", service)).Output is var text && text.Split('\n').Count(line => line.StartsWith("answered ", StringComparison.Ordinal)) >= times ? text : null,
        daemon.Describe);

    [Fact]
    public async Task Every_report_is_answered_a_death_is_heard_and_everything_is_given_back()
    {
        await using var daemon = new Daemon(Configuration);
        await daemon.UpAsync();
        var before = Descriptors(daemon);
        (await daemon.RunAsync("start", "one", "two")).MustSucceed();
        var all = $"answered {ManySessions.Reports} of {ManySessions.Reports}\n";
        Assert.Equal(all, await AnsweredAsync(daemon, "one", 1));
        Assert.Equal(all, await AnsweredAsync(daemon, "two", 1));
        Assert.InRange(Descriptors(daemon), before + (2 * ManySessions.Sessions), 100_000);
        Assert.StartsWith("report ", (await daemon.RunningAsync("one")).GetProperty("status").GetProperty("text").GetString(), StringComparison.Ordinal);

        Processes.Kill((await daemon.RunningAsync("one")).Pid());
        await daemon.RunningAsync("one", 2);
        Assert.Equal(all + all, await AnsweredAsync(daemon, "one", 2));

        (await daemon.RunAsync("stop", "one", "two")).MustSucceed();
        await Eventually.TrueAsync(() => Descriptors(daemon) <= before + 50, "The descriptors of the sessions stay.");
    }
}
