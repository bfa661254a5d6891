using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Lifeline.Configuration;
using Lifeline.Http;
using Lifeline.Tests.Alerting;

namespace Lifeline.Tests.Http.Otlp;

public sealed class OtlpExporterTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(60);

    private readonly Meter _meter = new("Test.Otlp");
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _counted = new();
    private readonly ConcurrentQueue<string> _said = new();
    private readonly ManualTime _time = new();
    private int _collected;
    private int _taken;

    public OtlpExporterTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, _meter))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => _counted.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public async Task Metrics_are_sent_at_once_and_again_after_each_interval_with_the_configured_headers()
    {
        await using var receiver = new HttpReceiver(_ => "200 OK");
        using var exporter = Exporter(receiver.Url, new() { ["Authorization"] = "Bearer t0ken", ["X-Scope-OrgID"] = "shop" });
        await receiver.WaitForRequestAsync();
        await UntilAsync(() => Counted("lifeline.otlp.exports") == 1);

        await AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => receiver.Requests.Count > 1);

        var (head, body) = receiver.Requests.First();
        Assert.StartsWith("POST /hook/secret-path?token=secret-token HTTP/1.1", head, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/x-protobuf\r\n", head + "\r\n", StringComparison.Ordinal);
        Assert.Contains("Authorization: Bearer t0ken", head, StringComparison.Ordinal);
        Assert.Contains("X-Scope-OrgID: shop", head, StringComparison.Ordinal);
        Assert.Equal("body 1", body);
        Assert.Equal("body 2", receiver.Requests.ElementAt(1).Body);
        Assert.True(_time.GetUtcNow() - new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) >= Interval, "an interval must have passed");
        Assert.Empty(_said);
    }

    [Fact]
    public async Task A_password_in_the_address_is_sent_as_basic_authentication_and_said_nowhere()
    {
        await using var receiver = new HttpReceiver(_ => "400 Bad Request");
        using var exporter = Exporter(new UriBuilder(receiver.Url) { UserName = "shop", Password = "p%40ss" }.Uri, new() { ["X-Key"] = "s3cret" });
        await receiver.WaitForRequestAsync();
        await UntilAsync(() => !_said.IsEmpty);

        Assert.Contains("Authorization: Basic c2hvcDpwQHNz", receiver.Requests.First().Head, StringComparison.Ordinal);
        var said = Assert.Single(_said);
        Assert.Contains($"cannot be sent to http://127.0.0.1:{receiver.Url.Port} (otlp of [monitor]): it answered 400", said, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", said, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", said, StringComparison.Ordinal);
        Assert.DoesNotContain("shop", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("429 Too Many Requests")]
    [InlineData("502 Bad Gateway")]
    [InlineData("503 Service Unavailable")]
    [InlineData("504 Gateway Timeout")]
    public async Task What_fails_for_a_while_is_tried_again_soon_with_what_is_then_and_said_once(string answer)
    {
        await using var receiver = new HttpReceiver(n => n < 4 ? answer : "200 OK");
        using var exporter = Exporter(receiver.Url);
        for (var attempt = 1; attempt < 4; attempt++)
        {
            await receiver.WaitForRequestAsync();
            await UntilAsync(() => Counted("lifeline.otlp.export.failures") == attempt);
            await AdvanceUntilAsync(TimeSpan.FromSeconds(0.25), () => receiver.Requests.Count > attempt);
        }

        await UntilAsync(() => Counted("lifeline.otlp.exports") == 1);
        Assert.Equal(1, _taken);
        Assert.Equal("body 4", receiver.Requests.Last().Body);
        Assert.Equal(2, _said.Count);
        Assert.Contains($"it answered {answer[..3]}", _said.First(), StringComparison.Ordinal);
        Assert.Contains("again; exports that failed: 3", _said.Last(), StringComparison.Ordinal);
        Assert.True(_time.GetUtcNow() >= new DateTimeOffset(2026, 1, 1, 0, 0, 5, TimeSpan.Zero), "1 s, 2 s and 4 s, less what is random, must have passed");
    }

    [Fact]
    public async Task A_receiver_that_wants_to_be_left_alone_is_left_alone()
    {
        await using var receiver = new HttpReceiver(n => n == 1 ? "503 Service Unavailable\r\nRetry-After: 600" : "200 OK");
        using var exporter = Exporter(receiver.Url);
        await receiver.WaitForRequestAsync();
        await UntilAsync(() => !_said.IsEmpty);

        _time.Advance(TimeSpan.FromSeconds(590));
        Assert.Single(receiver.Requests);
        await AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => receiver.Requests.Count > 1);
        await UntilAsync(() => Counted("lifeline.otlp.exports") == 1);
    }

    [Fact]
    public async Task What_a_receiver_never_takes_waits_for_the_next_interval()
    {
        await using var receiver = new HttpReceiver(n => n == 1 ? "400 Bad Request" : "200 OK");
        using var exporter = Exporter(receiver.Url);
        await receiver.WaitForRequestAsync();
        await UntilAsync(() => !_said.IsEmpty);

        _time.Advance(Interval - TimeSpan.FromSeconds(1));
        Assert.Single(receiver.Requests);
        await AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => receiver.Requests.Count > 1);
    }

    [Fact]
    public async Task Nobody_there_is_a_failure_that_is_tried_again()
    {
        using var exporter = Exporter(new Uri("http://127.0.0.1:1/"));
        await UntilAsync(() => !_said.IsEmpty);

        Assert.Contains("cannot be sent to http://127.0.0.1:1 (otlp of [monitor]): ConnectionError (ConnectionRefused); it is tried again", _said.First(), StringComparison.Ordinal);
        await AdvanceUntilAsync(TimeSpan.FromSeconds(0.25), () => Counted("lifeline.otlp.export.failures") > 2);
        Assert.Single(_said);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var receiver = new HttpReceiver(_ => "307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/");
        using var exporter = Exporter(receiver.Url);
        await UntilAsync(() => !_said.IsEmpty);

        Assert.Contains("it answered 307", _said.First(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receiver_that_does_not_answer_is_given_up()
    {
        await using var receiver = new HttpReceiver(n => n == 1 ? "" : "200 OK");
        using var exporter = Exporter(receiver.Url, ofRequests: _time);
        await receiver.WaitForRequestAsync();

        await AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => receiver.Requests.Count > 1);

        Assert.Contains("did not answer within 10 s", _said.First(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_end_sends_once_more()
    {
        await using var receiver = new HttpReceiver(_ => "200 OK");
        using var exporter = Exporter(receiver.Url);
        await UntilAsync(() => Counted("lifeline.otlp.exports") == 1);

        await exporter.FinishAsync(() => ["last"u8.ToArray()]);

        Assert.Equal(["body 1", "last"], receiver.Requests.Select(r => r.Body));
    }

    [Fact]
    public async Task The_end_does_not_wait_for_a_receiver_that_is_silent()
    {
        await using var receiver = new HttpReceiver(n => n == 1 ? "200 OK" : "");
        using var exporter = Exporter(receiver.Url);
        await UntilAsync(() => Counted("lifeline.otlp.exports") == 1);

        var finish = exporter.FinishAsync(() => ["last"u8.ToArray()]);
        await AdvanceUntilAsync(TimeSpan.FromSeconds(0.5), () => finish.IsCompleted);
        await finish;

        Assert.Contains("the last metrics were not taken", Assert.Single(_said), StringComparison.Ordinal);
    }

    [Fact]
    public void Values_that_were_not_wanted_are_read_from_the_answer()
    {
        // partial_success { rejected_data_points: 300, error_message: "too\nold" }
        byte[] body = [0x0A, 12, 0x08, 0xAC, 0x02, 0x12, 7, .. "too\nold"u8];

        var answer = OtlpAnswer.Taken(body);

        Assert.Equal((300L, "too old", (string?)null), (answer.Rejected, answer.Reason, answer.Error));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("\n\u007f")]
    [InlineData("\n\u0002\u0008")]
    [InlineData("\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff")]
    public void An_answer_that_is_none_means_nothing(string body) =>
        Assert.Equal(0, OtlpAnswer.Taken([.. body.Select(c => (byte)c)]).Rejected);

    // The clock that is moved must not end requests that are on their way, but where that is the question.
    private OtlpExporter Exporter(Uri endpoint, Dictionary<string, string>? headers = null, TimeProvider? ofRequests = null) => new(
        Interval,
        new OtlpSender(new OtlpSettings { Endpoint = endpoint, Interval = Interval, Headers = headers ?? [] }, ofRequests ?? TimeProvider.System),
        _ => Task.FromResult<IReadOnlyList<byte[]>>([System.Text.Encoding.ASCII.GetBytes($"body {Interlocked.Increment(ref _collected)}")]),
        () => Interlocked.Increment(ref _taken), new OtlpMeter(_meter), _time, _said.Enqueue);

    private long Counted(string name) => _counted.GetValueOrDefault(name);

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            Assert.False(late.IsCancellationRequested, "it never came to that");
            await Task.Delay(1, CancellationToken.None);
        }
    }

    // The exporter may not have come to its wait yet when the clock is moved.
    private async Task AdvanceUntilAsync(TimeSpan step, Func<bool> condition)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            Assert.False(late.IsCancellationRequested, "it never came to that");
            _time.Advance(step);
            await Task.Delay(1, CancellationToken.None);
        }
    }
}
