using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.OverHttp;

/// <summary>Readers of the services' states get the newest ones, however often they change.</summary>
public sealed class ServiceStreamTests
{
    [Fact]
    public async Task States_that_change_often_are_told_together_and_the_last_one_always_arrives()
    {
        await using var daemon = new Daemon("""
            [monitor]
            http = "127.0.0.1:0"

            [services.telling]
            command = ["{folder}/teller", "1"]
            ready = "status"
            status_events = "1ms"
            """);
        var source = Path.Combine(Places.Repository, "bench/dashboard/teller.c");
        (await Shell.RunAsync("gcc", ["-O2", "-o", Path.Combine(daemon.Folder, "teller"), source])).MustSucceed();
        await daemon.UpAsync();
        using var web = Web.Of(daemon);
        using var end = new CancellationTokenSource();
        var (rounds, last) = (0, "");
        var reading = Task.Run(async () =>
        {
            await foreach (var e in web.StreamAsync("/api/v1/services/stream", null, end.Token))
            {
                if (e.Kind is not ("snapshot" or "services"))
                    continue;
                var names = e.Data.EnumerateArray().Select(service => service.GetProperty("name").GetString()).ToList();
                Assert.Equal(names.Distinct(), names);
                Volatile.Write(ref last, e.Data[0].StatusText() ?? "");
                Interlocked.Increment(ref rounds);
            }
        });

        await Eventually.TrueAsync(() => Volatile.Read(ref rounds) > 5 || reading.IsCompleted, "states are told");
        var pid = (await daemon.RunningAsync("telling")).GetProperty("pid").GetInt32();
        (await Shell.RunAsync("kill", ["-STOP", $"{pid}"])).MustSucceed();
        var settled = "";
        await Eventually.TrueAsync(
            async () => settled == (settled = (await daemon.TryServiceAsync("telling"))?.StatusText() ?? "") && settled == Volatile.Read(ref last),
            () => $"the last state, {settled}, never came; the stream is at {Volatile.Read(ref last)}");

        var changes = (await daemon.EventsAsync("--service", "telling")).Count(e => e.Kind() == "service.status");
        Assert.True(rounds < changes, $"{rounds} messages for {changes} changes");
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }
}
