using System.Collections.Concurrent;
using System.Text.Json;
using Lifeline.Alerting;
using Lifeline.Journal;
using Lifeline.Tests.Journal;
using Xunit;

namespace Lifeline.Tests.Alerting;

public sealed class AlertDispatcherTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private readonly TemporaryJournal _folder = new();
    private readonly BlockingCollection<AlertDelivery> _settled = [];
    private readonly ConcurrentQueue<string> _troubles = new();

    public void Dispose()
    {
        _settled.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_webhook_gets_the_alert_as_json()
    {
        using var journal = _folder.Open();
        await using var receiver = new HttpReceiver(_ => "204 No Content");
        await using var dispatcher = Dispatcher(journal, Webhook(receiver.Url));
        Send(journal, dispatcher, Sample());
        Assert.Equal((true, 1, null), Outcome());

        var (head, body) = Assert.Single(receiver.Requests);
        Assert.StartsWith("POST /hook/secret-path?token=secret-token HTTP/1.1", head, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/json", head, StringComparison.Ordinal);
        Assert.Contains("Idempotency-Key: 1", head, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(body);
        Assert.Equal("died", json.RootElement.GetProperty("rule").GetString());
        Assert.Equal("raised", json.RootElement.GetProperty("state").GetString());
        Assert.Equal("orders", json.RootElement.GetProperty("service").GetString());
        Assert.Equal(3, json.RootElement.GetProperty("generation").GetInt32());
        Assert.Equal("2026-01-02T03:04:05.678Z", json.RootElement.GetProperty("at").GetString());
        Assert.Equal("host1", json.RootElement.GetProperty("host").GetString());
        await journal.FlushAsync();
        Assert.Empty(Reopened(journal).Recovered.Outbox);
    }

    [Fact]
    public async Task What_fails_for_a_while_is_tried_again_with_growing_pauses()
    {
        var time = new ManualTime();
        using var journal = _folder.Open(time: time);
        await using var receiver = new HttpReceiver(n => n < 4 ? "503 Service Unavailable" : "200 OK");
        await using var dispatcher = Dispatcher(journal, Webhook(receiver.Url), time);
        Send(journal, dispatcher, Sample());
        for (var attempt = 1; attempt < 4; attempt++)
        {
            await receiver.WaitForRequestAsync();
            await UntilAsync(() => dispatcher.LastError("ops") is not null);
            Assert.Equal(attempt, receiver.Requests.Count);
            await AdvanceUntilAsync(time, TimeSpan.FromSeconds(0.25), () => receiver.Requests.Count > attempt);
        }

        Assert.Equal((true, 4, null), Outcome());
        Assert.Null(dispatcher.LastError("ops"));
        Assert.True(time.GetUtcNow() >= new DateTimeOffset(2026, 1, 1, 0, 0, 5, TimeSpan.Zero), "1 s, 2 s and 4 s, less their jitter, must have passed");
    }

    [Theory]
    [InlineData("404 Not Found")]
    [InlineData("301 Moved Permanently\r\nLocation: http://127.0.0.1:1/")]
    public async Task What_will_never_work_is_given_up_at_once(string answer)
    {
        using var journal = _folder.Open();
        await using var receiver = new HttpReceiver(_ => answer);
        await using var dispatcher = Dispatcher(journal, Webhook(receiver.Url));
        Send(journal, dispatcher, Sample());
        var delivery = Next();
        Assert.False(delivery.Delivered);
        Assert.Equal(1, delivery.Attempts);
        Assert.Contains($"answered {answer[..3]}", delivery.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", delivery.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("408 Request Timeout")]
    [InlineData("429 Too Many Requests\r\nRetry-After: 600")]
    public async Task Requests_to_wait_are_followed(string answer)
    {
        var time = new ManualTime();
        using var journal = _folder.Open(time: time);
        await using var receiver = new HttpReceiver(n => n == 1 ? answer : "200 OK");
        await using var dispatcher = Dispatcher(journal, Webhook(receiver.Url), time);
        Send(journal, dispatcher, Sample());
        await receiver.WaitForRequestAsync();
        await UntilAsync(() => dispatcher.LastError("ops") is not null);
        var asked = answer.Contains("Retry-After", StringComparison.Ordinal);
        if (asked)
        {
            time.Advance(TimeSpan.FromSeconds(590));
            Assert.Single(receiver.Requests);
        }

        await AdvanceUntilAsync(time, TimeSpan.FromSeconds(1), () => receiver.Requests.Count > 1);
        Assert.Equal((true, 2, null), Outcome());
    }

    [Fact]
    public async Task A_receiver_that_does_not_answer_is_not_waited_for_longer_than_its_time()
    {
        using var journal = _folder.Open();
        await using var receiver = new HttpReceiver(_ => "");
        await using var dispatcher = Dispatcher(
            journal, Webhook(receiver.Url), options: Options with { WebhookTimeout = TimeSpan.FromMilliseconds(100), MaxAttempts = 2, RetryInitial = TimeSpan.FromMilliseconds(1) });
        Send(journal, dispatcher, Sample());
        var delivery = Next();
        Assert.Equal(2, delivery.Attempts);
        Assert.Contains("did not answer within 0.1 s", delivery.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", delivery.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_alert_is_given_up_when_it_is_too_old()
    {
        var time = new ManualTime();
        using var journal = _folder.Open(time: time);
        await using var receiver = new HttpReceiver(_ => "500 Internal Server Error");
        await using var dispatcher = Dispatcher(journal, Webhook(receiver.Url), time, Options with { MaxAge = TimeSpan.FromHours(2) });
        Send(journal, dispatcher, Sample());
        await AdvanceUntilAsync(time, TimeSpan.FromMinutes(5), () => _settled.Count > 0);
        var delivery = Next();
        Assert.False(delivery.Delivered);
        Assert.Contains("given up after", delivery.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_gets_the_alert_on_its_input_and_in_its_environment()
    {
        using var journal = _folder.Open();
        var channel = Command("cat > input; env | grep LIFELINE_ALERT | sort > environment");
        await using var dispatcher = Dispatcher(journal, channel);
        Send(journal, dispatcher, Sample() with { Resolved = true });
        Assert.Equal((true, 1, null), Outcome());

        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.Folder, "input")));
        Assert.Equal("resolved", json.RootElement.GetProperty("state").GetString());
        Assert.Equal(
            [
                "LIFELINE_ALERT_AT=2026-01-02T03:04:05.678Z", "LIFELINE_ALERT_COUNT=1", "LIFELINE_ALERT_GENERATION=3", "LIFELINE_ALERT_ID=1",
                "LIFELINE_ALERT_NAME=ops", "LIFELINE_ALERT_NUMBER=7", "LIFELINE_ALERT_RULE=died", "LIFELINE_ALERT_SERVICE=orders", "LIFELINE_ALERT_SERVICES=orders",
                "LIFELINE_ALERT_SINCE=2026-01-02T03:04:05.678Z", "LIFELINE_ALERT_STATE=resolved", "LIFELINE_ALERT_TEXT=orders died",
            ],
            await File.ReadAllLinesAsync(Path.Combine(_folder.Folder, "environment")));
    }

    [Fact]
    public async Task A_command_that_fails_or_hangs_is_tried_again()
    {
        using var journal = _folder.Open();
        var channel = Command("echo x >> tries; case $(wc -l < tries) in 1) exit 7;; 2) sleep 1000;; esac");
        await using var dispatcher = Dispatcher(
            journal, channel, options: Options with { CommandTimeout = TimeSpan.FromSeconds(1), RetryInitial = TimeSpan.FromMilliseconds(1), RetryMax = TimeSpan.FromMilliseconds(5) });
        Send(journal, dispatcher, Sample());
        Assert.Equal((true, 3, null), Outcome());
        // Told once, not at every attempt.
        Assert.Contains("it exited with 7", Assert.Single(_troubles), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_not_settled_is_sent_by_the_next_monitor()
    {
        await using var receiver = new HttpReceiver(n => n == 1 ? "500 Internal Server Error" : "200 OK");
        using (var journal = _folder.Open())
        {
            await using var dispatcher = Dispatcher(journal, Webhook(receiver.Url), options: Options with { RetryInitial = TimeSpan.FromMilliseconds(1) * 1000 });
            Send(journal, dispatcher, Sample());
            await receiver.WaitForRequestAsync();
            await UntilAsync(() => dispatcher.LastError("ops") is not null);
        }

        using var again = _folder.Open();
        Assert.Equal(1, Assert.Single(again.Recovered.Outbox).Attempts);
        await using var next = Dispatcher(again, Webhook(receiver.Url));
        Assert.Equal((true, 2, null), Outcome());
        Assert.Equal(receiver.Requests.First().Body, receiver.Requests.Last().Body);
        Assert.True(again.NextOutboxId() > 1);
    }

    [Fact]
    public async Task Alerts_for_a_channel_that_is_gone_fail_and_say_so()
    {
        using (var journal = _folder.Open())
        {
            await journal.CommitAsync(new JournalBatch { Outbox = [new OutboxEntry(journal.NextOutboxId(), "old", AlertPayload.Write(1, Sample(), "h"), DateTimeOffset.UnixEpoch, 0, DateTimeOffset.UnixEpoch)] });
        }

        using var again = _folder.Open();
        await using var dispatcher = Dispatcher(again, Command("true"));
        Assert.Contains("no longer configured", Next().Error, StringComparison.Ordinal);
        Send(again, dispatcher, Sample() with { Channel = "unknown" });
        Assert.Contains("no longer configured", Next().Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_channel_refuses_and_never_makes_the_caller_wait()
    {
        using var journal = _folder.Open();
        await using var receiver = new HttpReceiver(_ => "");
        await using var dispatcher = Dispatcher(journal, Webhook(receiver.Url), options: Options with { MaxPending = 3 });
        for (var i = 0; i < 5; i++)
            Send(journal, dispatcher, Sample());
        Assert.Contains("3 alerts wait", Next().Error, StringComparison.Ordinal);
        Assert.Contains("3 alerts wait", Next().Error, StringComparison.Ordinal);
        Assert.Equal(3, Assert.Single(dispatcher.Channels()).Pending);
    }

    [Fact]
    public async Task What_waits_for_a_changed_channel_goes_to_the_new_one()
    {
        using var journal = _folder.Open();
        await using var silent = new HttpReceiver(_ => "");
        await using var receiver = new HttpReceiver(_ => "200 OK");
        await using var dispatcher = Dispatcher(journal, Webhook(silent.Url));
        Send(journal, dispatcher, Sample());
        Send(journal, dispatcher, Sample());
        await silent.WaitForRequestAsync();
        await dispatcher.ReplaceAsync([Webhook(receiver.Url)]).WaitAsync(Deadline);
        Assert.True(Next().Delivered);
        Assert.True(Next().Delivered);
        // As one message or as two.
        Assert.InRange(receiver.Requests.Count, 1, 2);
    }

    [Fact]
    public async Task A_full_disk_does_not_keep_alerts_back()
    {
        using var journal = _folder.Open();
        await journal.FlushAsync();
        journal.LimitPages(1);
        await using var receiver = new HttpReceiver(_ => "200 OK");
        await using var dispatcher = Dispatcher(journal, Webhook(receiver.Url));
        Send(journal, dispatcher, Sample() with { Text = new string('x', 20_000) });
        Assert.True(Next().Delivered);
    }

    [Fact]
    public async Task A_crowd_that_dies_at_once_is_one_message()
    {
        using var journal = _folder.Open();
        await using var receiver = new HttpReceiver(n => n == 1 ? "503 Service Unavailable" : "200 OK");
        await using var dispatcher = Dispatcher(
            journal, Webhook(receiver.Url) with { GroupWait = TimeSpan.FromSeconds(5) }, options: Options with { RetryInitial = TimeSpan.FromMilliseconds(1) });
        for (var i = 0; i < 30; i++)
            Send(journal, dispatcher, Sample() with { Service = $"s{i}", Text = $"s{i} died" });
        Send(journal, dispatcher, Sample() with { Rule = "hung" });
        for (var i = 0; i < 31; i++)
            Assert.True(Next().Delivered);

        // A failed crowd is tried again as one; another kind is another message.
        var bodies = receiver.Requests.Select(request => JsonDocument.Parse(request.Body).RootElement).ToList();
        var crowds = bodies.Where(body => body.GetProperty("rule").GetString() == "died").ToList();
        Assert.All(crowds, crowd => Assert.Equal(30, crowd.GetProperty("count").GetInt32()));
        Assert.Equal(30, crowds[^1].GetProperty("alerts").GetArrayLength());
        Assert.Equal("30 alerts (died): " + string.Join(", ", Enumerable.Range(0, 20).Select(i => $"s{i}")) + " and 10 more", crowds[^1].GetProperty("text").GetString());
        Assert.Equal(3, bodies.Count);
    }

    [Fact]
    public async Task What_was_given_up_is_counted_until_something_is_delivered_also_by_the_next_monitor()
    {
        var isThere = false;
        await using var receiver = new HttpReceiver(_ => isThere ? "200 OK" : "404 Not Found");
        using (var journal = _folder.Open())
        {
            await using var dispatcher = Dispatcher(journal, Webhook(receiver.Url));
            Send(journal, dispatcher, Sample());
            Send(journal, dispatcher, Sample());
            Assert.False(Next().Delivered);
            Assert.False(Next().Delivered);
            Assert.Equal(2, Assert.Single(dispatcher.Channels()).Undelivered);
        }

        using var again = _folder.Open();
        await using var next = Dispatcher(again, Webhook(receiver.Url));
        Assert.Equal(2, Assert.Single(next.Channels()).Undelivered);
        Assert.Contains("answered 404", Assert.Single(next.Channels()).LastError, StringComparison.Ordinal);
        isThere = true;
        Send(again, next, Sample());
        Assert.True(Next().Delivered);
        await UntilAsync(() => next.Channels()[0].Undelivered == 0);
        Assert.Null(next.Channels()[0].LastError);
    }

    [Fact]
    public async Task A_test_says_what_the_other_side_said()
    {
        using var journal = _folder.Open();
        await using var receiver = new HttpReceiver(_ => "202 Accepted");
        await using var dispatcher = Dispatcher(journal, Webhook(receiver.Url));
        var result = await dispatcher.TestAsync(Sample() with { Rule = "test" }, CancellationToken.None);
        Assert.True(result!.Delivered);
        Assert.Contains("answered 202", result.Answer, StringComparison.Ordinal);
        Assert.Null(await dispatcher.TestAsync(Sample() with { Channel = "nobody" }, CancellationToken.None));
        Assert.Empty(_settled);
    }

    [Fact]
    public void Users_and_passwords_in_addresses_are_never_shown()
    {
        Assert.Equal("https://example.org:8443", WebhookSender.Shown(new Uri("https://user:password@example.org:8443/secret?token=x")));
    }

    [Fact]
    public void A_payload_of_another_version_is_read_as_far_as_it_goes()
    {
        Assert.Equal("died", AlertPayload.Read("""{"rule":"died","new":1,"generation":"x"}""", "ops").Rule);
        Assert.Equal("no json", AlertPayload.Read("no json", "ops").Text);
        Assert.Equal("[1]", AlertPayload.Read("[1]", "ops").Text);
    }

    private static AlertOptions Options => new() { Host = "host1" };

    private static Alert Sample() => new()
    {
        Channel = "ops",
        Rule = "died",
        Service = "orders",
        Generation = 3,
        Text = "orders died",
        Number = 7,
        At = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero),
    };

    private static AlertChannel Webhook(Uri url) => new() { Name = "ops", Webhook = url };

    private AlertChannel Command(string script) => new()
    {
        Name = "ops",
        Command = ["sh", "-c", script],
        WorkingDirectory = _folder.Folder,
        Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" },
    };

    private AlertDispatcher Dispatcher(JournalStore journal, AlertChannel channel, TimeProvider? time = null, AlertOptions? options = null)
    {
        var dispatcher = new AlertDispatcher(journal, _settled.Add, options ?? Options, time, _troubles.Enqueue);
        dispatcher.Start([channel]);
        return dispatcher;
    }

    // As the effects of a decision do it: into the outbox together with the event, then on its way.
    private static void Send(JournalStore journal, AlertDispatcher dispatcher, Alert alert)
    {
        var entry = dispatcher.Prepare(alert);
        journal.Commit(new JournalBatch { Outbox = [entry] }, _ => dispatcher.Put(entry));
    }

    private AlertDelivery Next()
    {
        Assert.True(_settled.TryTake(out var delivery, Deadline), "no alert was settled");
        return delivery;
    }

    private (bool Delivered, int Attempts, string? Error) Outcome()
    {
        var delivery = Next();
        return (delivery.Delivered, delivery.Attempts, delivery.Error);
    }

    private JournalStore Reopened(JournalStore journal)
    {
        journal.Dispose();
        return _folder.Open();
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!condition())
            await Task.Delay(5, deadline.Token);
    }

    private static async Task AdvanceUntilAsync(ManualTime time, TimeSpan step, Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!condition())
        {
            time.Advance(step);
            await Task.Delay(2, deadline.Token);
        }
    }
}
