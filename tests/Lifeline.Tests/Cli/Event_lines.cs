using Lifeline.Cli.Rendering;
using Lifeline.Contracts;

namespace Lifeline.Tests.Cli;

public sealed class Event_lines
{
    [Theory]
    [InlineData("service.starting", "{}", "starting    generation 3")]
    [InlineData("service.starting", """{"restarts":0}""", "starting    generation 3")]
    [InlineData("service.starting", """{"restarts":2}""", "starting    generation 3, 2 restarts")]
    [InlineData("service.hung", """{"silent_ms":10000,"heartbeat_ms":10000,"extended":false}""", "hung        no sign of life for 10s, heartbeat 10s")]
    [InlineData("service.hung", """{"silent_ms":2000,"heartbeat_ms":1000,"extended":true,"extended_because":"starved","state":"S","thread_count":3,"threads":[{"tid":1,"wchan":"futex_wait_queue"}],"output":["a","last words"]}""", "hung        no sign of life for 2s, after more time than usual, because it got no processor, main thread sleeps in futex_wait_queue, 3 threads, last line \"last words\", heartbeat 1s")]
    [InlineData("service.extended", """{"reason":"frozen","silent_ms":1000,"heartbeat_ms":1000,"by_ms":1000}""", "extended    no sign of life for 1s, but its control group is frozen, given 1s more, heartbeat 1s")]
    [InlineData("service.probe", """{"probe":"probe","good":false,"failures":3,"text":"HTTP 500"}""", "probe       probe failed, 3 in a row, HTTP 500")]
    [InlineData("service.probe", """{"probe":"ready_probe","good":true,"failures":0,"text":"HTTP 200"}""", "probe       readiness probe is good again, HTTP 200")]
    [InlineData("service.over_limit", """{"limit":"memory","memory_bytes":70254592,"limit_bytes":67108864,"kernel":false}""", "over_limit  memory 67 MiB, limit 64 MiB, measured")]
    [InlineData("service.over_limit", """{"limit":"memory","memory_bytes":null,"limit_bytes":67108864,"kernel":true}""", "over_limit  limit 64 MiB, held by the kernel")]
    [InlineData("service.failed", """{"because":"more than 5 restarts","retry_ms":300000}""", "failed      more than 5 restarts, tried again in 5m")]
    [InlineData("service.failed", """{"because":"more than 5 restarts","retry_ms":299348}""", "failed      more than 5 restarts, tried again in 4m 59s")]
    [InlineData("service.waiting", """{"for":"db","state":"starting"}""", "waiting     for db, which is starting")]
    [InlineData("service.waiting", """{"for":"db","state":null}""", "waiting     for db, which is not configured")]
    [InlineData("service.waiting", """{"for":"shop","state":null,"group":"shop"}""", "waiting     until the rest of the group shop has stopped")]
    [InlineData("service.failed", """{"because":"more than 5 restarts","retry_ms":null}""", "failed      more than 5 restarts, not tried again by itself")]
    [InlineData("service.stopping", """{"cause":"operator","signal":15,"timeout_ms":10000}""", "stopping    by operator, SIGTERM, for at most 10s")]
    [InlineData("service.stopped", """{"state":"exited","exit_code":0}""", "stopped     exited, exit code 0")]
    [InlineData("service.stopped", """{"state":"stopped","exit_code":null}""", "stopped")]
    [InlineData("service.started", """{"pid":4711}""", "started     generation 3, pid 4711")]
    [InlineData("service.started", """{"pid":4711,"restart_us":1800}""", "started     generation 3, pid 4711, restart 1\u202F800 µs")]
    [InlineData("service.ready", "{}", "ready")]
    [InlineData("service.status", """{"code":7,"text":"queue 3","fields":{"queue":3,"mode":"slow start"}}""", "status      queue 3, code 7, queue=3, mode=\"slow start\"")]
    [InlineData("service.health", """{"from":"healthy","to":"degraded"}""", "health      healthy → degraded")]
    [InlineData("service.died", """{"reason":"signaled","signal":9,"exit_code":null,"detect_us":210}""", "died        killed by SIGKILL, seen after 210 µs")]
    [InlineData("service.died", """{"reason":"exited","signal":null,"exit_code":3}""", "died        exited with 3")]
    [InlineData("service.died", """{"reason":"hung","signal":9}""", "died        hung, killed by SIGKILL")]
    [InlineData("service.died", """{"reason":"stopped","signal":15}""", "died        stopped, killed by SIGTERM")]
    [InlineData("service.died", """{"reason":"lost"}""", "died        ended unseen")]
    [InlineData("service.died", """{"reason":"exec_failed","error":"'/x' does not exist","core_dumped":false}""", "died        could not be executed, '/x' does not exist")]
    [InlineData("service.reclaimed", """{"steps":[{"kind":"process","what":"4712","outcome":"killed"},{"kind":"path","what":"/x","outcome":"kept","reason":"a link"}],"took_us":900,"tree_empty":true,"attempt":1}""", "reclaimed   process 4712 killed, path /x kept (a link), took 900 µs")]
    [InlineData("service.reclaimed", """{"steps":[],"took_us":15,"tree_empty":false,"attempt":2}""", "reclaimed   nothing was left, processes may still live, attempt 2, took 15 µs")]
    [InlineData("service.backoff", """{"delay_ms":100,"attempt":2}""", "backoff     restart in 100ms, attempt 2")]
    [InlineData("service.backoff", """{"delay_ms":0,"attempt":1}""", "backoff     restart at once, attempt 1")]
    [InlineData("service.adopted", """{"pid":4711}""", "adopted     generation 3, pid 4711")]
    [InlineData("session.lost", "{}", "session.lost")]
    [InlineData("alert.raised", """{"alert":"ops","rule":"died"}""", "alert.raised  ops: died")]
    [InlineData("journal.lost", """{"count":5}""", "journal.lost  5 events were lost")]
    [InlineData("service.new_kind", """{"a":1,"b":null,"c":"x y"}""", "new_kind    a=1, c=\"x y\"")]
    [InlineData("service.status", "not json", "status      not json")]
    [InlineData("service.status", """{"text":"\u001b[31mred\nline"}""", "status       [31mred line")]
    public void Say_in_words_what_happened(string kind, string data, string words)
    {
        var text = new EventText(new FixedTime(Samples.Now), color: false);
        Assert.Equal($"03:04:05.000  orders        {words}", text.Format(Event(kind, data)));
    }

    [Fact]
    public void Have_the_date_if_it_is_not_today()
    {
        var text = new EventText(new FixedTime(Samples.Now.AddDays(1)), color: false);
        Assert.Equal("2026-01-02 03:04:05.000  -             monitor.started", text.Format(Event("monitor.started", "{}") with { Service = null }));
    }

    [Fact]
    public void Are_coloured_only_when_asked_to()
    {
        Assert.Contains("\e[31mdied", new EventText(new FixedTime(Samples.Now), color: true).Format(Event("service.died", "{}")), StringComparison.Ordinal);
        Assert.DoesNotContain('\e', new EventText(new FixedTime(Samples.Now), color: false).Format(Event("service.died", "{}")));
    }

    [Fact]
    public void Begin_with_their_id_where_one_can_go_on_after_it()
    {
        var text = new EventText(new FixedTime(Samples.Now), color: false, withId: true);
        Assert.Equal("    1  03:04:05.000  orders        ready", text.Format(Event("service.ready", "{}")));
        Assert.Equal("1234567  03:04:05.000  orders        ready", text.Format(Event("service.ready", "{}") with { Id = 1234567 }));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(70)]
    [InlineData(100)]
    [InlineData(200)]
    [InlineData(30)]
    public void Keep_to_the_width_of_a_terminal_and_break_between_words(int width)
    {
        const string data = """{"text":"the queue of the shop is longer than anybody ever saw it before","fields":{"queue":123456,"mode":"slow start"}}""";
        var text = new EventText(new FixedTime(Samples.Now), color: false, withId: true);
        foreach (var service in (string[])["orders", "a-service-with-a-name-that-is-rather-long-0123456789"])
        {
            var whole = text.Format(Event("service.status", data) with { Service = service });
            var lines = text.Format(Event("service.status", data) with { Service = service }, width).Split('\n');
            Assert.All(lines, line => Assert.InRange(line.Length, 1, width));
            // No word is lost or broken but the name of the service, which is cropped.
            var words = lines.SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            Assert.Equal(
                whole.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(word => word != service),
                words.Where(word => word != service && !word.EndsWith('…')));
        }
    }

    [Theory]
    [InlineData(-5, "0s")]
    [InlineData(59, "59s")]
    [InlineData(61, "1m 1s")]
    [InlineData(3_600, "1h 0m")]
    [InlineData(90_061, "1d 1h")]
    public void Uptimes_have_their_two_largest_units(int seconds, string text) => Assert.Equal(text, Words.Uptime(TimeSpan.FromSeconds(seconds)));

    private static ServiceEvent Event(string kind, string data) =>
        new() { Id = 1, At = Samples.Now, Service = "orders", Generation = 3, Kind = kind, DataJson = data };
}
