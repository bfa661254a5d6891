using System.Text.Json;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Launches;

/// <summary>A process that nothing has to do with Lifeline gets the number that a service had.</summary>
public sealed class PidReuseTests
{
    // In a PID namespace of its own the next number can be chosen; what is just ending there may still hold it for a moment.
    private const string Script = """
        lifeline() { "$EXECUTABLE" "$@" --run-dir "$RUN" --state-dir "$STATE"; }
        lifeline up -d "$FILE" || exit 2
        service=$(cat "$FOLDER/pid")
        kill -9 $(cat "$RUN/keeper.pid") $(cat "$RUN/monitor.pid") "$service"
        while [ -e "/proc/$service" ]; do /bin/true; done
        stranger=; tries=0
        until [ "$stranger" = "$service" ]; do
            [ $((tries += 1)) -le 1000 ] || { echo "$stranger instead of $service"; exit 3; }
            [ -z "$stranger" ] || kill "$stranger"
            echo $((service - 1)) > /proc/sys/kernel/ns_last_pid
            sleep 1000 &
            stranger=$!
        done
        lifeline up -d "$FILE" || exit 4
        lifeline events --json --service a > "$FOLDER/events"
        lifeline down || exit 5
        kill -0 "$service" || exit 6
        """;

    [Fact]
    public async Task A_stranger_that_got_the_number_of_a_service_is_neither_adopted_nor_ended()
    {
        Assert.SkipUnless(Environment.UserName == "root", "only root makes namespaces");
        await using var daemon = new Daemon($$"""
            [monitor]
            http = "off"
            [services.a]
            ready = "status"
            command = "echo $$$$ > {folder}/pid; {{Places.Executable}} report --ready && exec sleep 1000"
            """);

        var run = await Shell.RunAsync("unshare",
            ["--pid", "--fork", "--mount-proc", "--kill-child", "env", $"EXECUTABLE={Places.Executable}", $"RUN={daemon.RunFolder}", $"STATE={daemon.StateFolder}", $"FILE={daemon.ConfigurationFile}", $"FOLDER={daemon.Folder}", "bash", "-c", Script]);

        run.MustSucceed();
        var events = File.ReadLines(Path.Combine(daemon.Folder, "events")).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.DoesNotContain(events, e => e.Kind() == "service.adopted");
        Assert.Equal("lost", events.Single(e => e.Kind() == "service.died").Data().GetProperty("reason").GetString());
        Assert.Equal(2, events.Last(e => e.Kind() == "service.started").Generation());
    }
}
