using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.OverHttp;

/// <summary>Programs see and act over HTTP.</summary>
public sealed class HttpTests
{
    private const string Two = """
        [monitor]
        http = "127.0.0.1:0"

        [services.calm]
        command = ["sleep", "1000"]

        [services.other]
        command = ["sleep", "1000"]
        """;

    [Fact]
    public async Task The_api_gives_the_same_services_as_the_command_line()
    {
        await using var daemon = await new Daemon(Two).UpAsync();
        using var web = Web.Of(daemon);

        var services = await web.GetAsync("/api/v1/services");
        var one = await web.GetAsync("/api/v1/services/calm");
        var shown = await daemon.StatusAsync();

        Assert.Equal(["calm", "other"], services.EnumerateArray().Select(s => s.GetProperty("name").GetString()));
        Assert.Equal(shown[0].Pid(), one.Pid());
        Assert.Equal(shown[0].EnumerateObject().Select(p => p.Name), one.EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public async Task Orders_over_http_are_taken_and_done()
    {
        await using var daemon = await new Daemon(Two).UpAsync();
        using var web = Web.WithToken(daemon);

        Assert.Equal(HttpStatusCode.Accepted, await web.StatusAsync(HttpMethod.Post, "/api/v1/services/calm/restart"));
        await daemon.RunningAsync("calm", 2);
        Assert.Equal(HttpStatusCode.Accepted, await web.StatusAsync(HttpMethod.Post, "/api/v1/services/calm/stop"));
        await daemon.ServiceAsync("calm", s => s.State() == "stopped", "stopped");
        Assert.Equal(HttpStatusCode.Accepted, await web.StatusAsync(HttpMethod.Post, "/api/v1/services/calm/start"));
        await daemon.RunningAsync("calm", 3);
    }

    [Fact]
    public async Task Events_are_listed_by_id_service_and_kind()
    {
        await using var daemon = await new Daemon(Two).UpAsync();
        using var web = Web.Of(daemon);

        var all = (await web.GetAsync("/api/v1/events?since=0")).EnumerateArray().ToList();
        var second = (await web.GetAsync($"/api/v1/events?since={all[1].Id()}&limit=1")).EnumerateArray().Single();
        var started = (await web.GetAsync("/api/v1/events?since=0&service=calm&kind=service.started")).EnumerateArray().Single();
        var life = (await web.GetAsync("/api/v1/events?kind=monitor.*")).EnumerateArray();

        Assert.Equal(Enumerable.Range(1, all.Count).Select(i => (long)i), all.Select(e => e.Id()));
        Assert.Equal(all[2].GetRawText(), second.GetRawText());
        Assert.Equal("calm", started.Service());
        Assert.Equal(started.GetRawText(), (await web.GetAsync("/api/v1/events?since=0&service=c?l*&kind=service.started")).EnumerateArray().Single().GetRawText());
        Assert.Empty((await web.GetAsync("/api/v1/events?since=0&service=nobody*")).EnumerateArray());
        Assert.All(life, e => Assert.StartsWith("monitor.", e.Kind(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_wrong_is_said_as_problem_json()
    {
        await using var daemon = await new Daemon(Two).UpAsync();
        using var web = Web.Of(daemon);

        foreach (var (path, status) in new[]
        {
            ("/api/v1/services/nobody", 404), ("/api/v1/nothing", 404), ("/api/v1/events?limit=0", 400), ("/api/v1/events?limit=x", 400), ("/api/v1/events?since=x", 400),
            ("/api/v1/services/..%2F..%2Fetc%2Fpasswd", 404), ("/api/v1/services/%2e%2e", 404),
        })
        {
            using var response = await web.SendAsync(HttpMethod.Get, path);
            var body = await response.Content.ReadAsStringAsync();
            Assert.True(status == (int)response.StatusCode, $"{path}: {(int)response.StatusCode} {body}");
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            Assert.Equal(status, JsonDocument.Parse(body).RootElement.GetProperty("status").GetInt32());
        }
    }

    [Fact]
    public async Task The_output_of_one_generation_is_given_to_browsers_and_to_the_command_line()
    {
        await using var daemon = await new Daemon("""
            [monitor]
            http = "127.0.0.1:0"
            [services.calm]
            command = "echo one of $LIFELINE_GENERATION; echo two of $LIFELINE_GENERATION; exec sleep 1000"
            """).UpAsync();
        using var web = Web.WithToken(daemon);
        await daemon.RunningAsync("calm");
        (await daemon.RunAsync("restart", "calm")).MustSucceed();
        const string First = "one of 1\ntwo of 1\n", Second = "one of 2\ntwo of 2\n";
        await Eventually.TrueAsync(async () => (await daemon.RunAsync("logs", "calm")).Output == First + Second, daemon.Describe);

        foreach (var (generation, expected) in new[] { ("1", First), ("previous", First), ("last", Second), ("2", Second) })
        {
            Assert.Equal(expected, await web.TextAsync($"/api/v1/services/calm/logs?generation={generation}"));
            Assert.Equal(expected, (await daemon.RunAsync("logs", "calm", "--generation", generation)).MustSucceed().Output);
        }
        Assert.Equal("two of 1\n", (await daemon.RunAsync("logs", "calm", "-g", "1", "-n", "1")).MustSucceed().Output);
        Assert.Equal((1, "lifeline: there has been no generation \"3\" of \"calm\"\n  the newest is 2\n"), await daemon.RunAsync("logs", "calm", "-g", "3") is var none ? (none.ExitCode, none.Errors) : default);
        foreach (var wrong in (string[])["3", "0", "first"])
            Assert.Equal(HttpStatusCode.BadRequest, await web.StatusAsync(HttpMethod.Get, $"/api/v1/services/calm/logs?generation={wrong}"));
    }

    [Fact]
    public async Task A_stream_of_services_begins_with_all_and_tells_what_changes()
    {
        await using var daemon = await new Daemon(Two).UpAsync();
        using var web = Web.WithToken(daemon);
        await using var stream = web.StreamAsync("/api/v1/services/stream", null).GetAsyncEnumerator();

        Assert.True(await stream.MoveNextAsync());
        var first = stream.Current;
        await web.StatusAsync(HttpMethod.Post, "/api/v1/services/calm/restart");
        while (!IsSecondLife(stream.Current))
            Assert.True(await stream.MoveNextAsync());

        Assert.Equal("snapshot", first.Kind);
        Assert.Equal(2, first.Data.GetArrayLength());

        static bool IsSecondLife(SentEvent e) =>
            e.Kind == "services" && e.Data.EnumerateArray().Any(s => s.Generation() == 2 && s.State() == "running");
    }

    [Fact]
    public async Task A_busy_default_port_is_replaced_and_a_busy_configured_one_is_an_error()
    {
        using var busy = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        busy.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        busy.Listen();
        var port = ((IPEndPoint)busy.LocalEndPoint!).Port;

        await using var configured = new Daemon($"[monitor]\nhttp = \"127.0.0.1:{port}\"\n[services.calm]\ncommand = [\"sleep\", \"1000\"]");
        var refused = await configured.RunAsync("up", "-d", configured.ConfigurationFile);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains($"127.0.0.1:{port}", refused.Errors, StringComparison.Ordinal);
        Assert.Empty(Processes.WithCommand(configured.Folder + "/nothing"));

        await using var chosen = new Daemon("[services.calm]\ncommand = [\"sleep\", \"1000\"]");
        (await chosen.RunAsync("up", "-d", "--http", "127.0.0.1:0", chosen.ConfigurationFile)).MustSucceed();
        using var web = Web.Of(chosen);
        Assert.Equal("ok\n", await web.TextAsync("/healthz"));
    }

    [Fact]
    public async Task The_document_of_the_api_describes_every_call_and_every_parameter()
    {
        await using var daemon = await new Daemon(Two).UpAsync();
        using var web = Web.Of(daemon);
        var calls = (await web.GetAsync("/openapi/v1.json")).GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(call => (Name: $"{call.Name} {path.Name}", Call: call.Value))).ToList();

        Assert.NotEmpty(calls);
        Assert.All(calls, call => Assert.False(string.IsNullOrEmpty(call.Call.GetProperty("summary").GetString()), call.Name));
        var parameters = calls.Where(call => call.Call.TryGetProperty("parameters", out _))
            .SelectMany(call => call.Call.GetProperty("parameters").EnumerateArray().Select(parameter => (call.Name, Parameter: parameter))).ToList();
        Assert.Contains(parameters, one => one.Parameter.GetProperty("name").GetString() == "generation");
        Assert.All(parameters, one => Assert.True(one.Parameter.TryGetProperty("description", out _), $"{one.Name}: {one.Parameter}"));
    }

    [Fact]
    public async Task Switched_off_there_is_no_socket_and_no_file()
    {
        await using var daemon = await new Daemon(Two.Replace("127.0.0.1:0", "off", StringComparison.Ordinal)).UpAsync();

        Assert.False(File.Exists(Path.Combine(daemon.RunFolder, "http")));
        Assert.False(File.Exists(Path.Combine(daemon.RunFolder, "http.sock")));
        Assert.DoesNotContain("Kestrel", Daemon.ReadIfThere($"/proc/{daemon.MonitorPid}/maps"), StringComparison.Ordinal);
    }
}
