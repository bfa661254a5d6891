using System.Text.Json;
using CsCheck;

namespace Lifeline.Contracts.Tests;

public sealed class ContractsJsonTests
{
    private static readonly DateTimeOffset Moment = new(2026, 1, 2, 4, 4, 5, 678, TimeSpan.FromHours(1));

    [Fact]
    public void A_service_is_spelled_exactly_as_the_contract_says()
    {
        var snapshot = new ServiceSnapshot
        {
            Name = "orders",
            State = ServiceState.Running,
            Health = ServiceHealth.Healthy,
            Pid = 4711,
            Generation = 3,
            Restarts = 2,
            StartedAt = Moment,
            ReadyAt = Moment,
            Status = new SnapshotStatus
            {
                Code = 0,
                Text = "queue 3",
                Sequence = 1234,
                At = Moment,
                Fields = new Dictionary<string, StatusValue> { ["queue"] = 3 },
            },
            LastDeath = new SnapshotDeath
            {
                At = Moment,
                Reason = DeathReason.Signaled,
                Signal = 9,
                DetectUs = 210,
                ReclaimUs = 900,
                RestartUs = 1800,
                Reclaimed = [new ReclaimStep(ReclaimKind.Process, "4712", ReclaimOutcome.Killed)],
            },
            MemoryBytes = 1234,
            CpuSeconds = 1.25,
            Processes = 2,
        };
        Assert.Equal(
            OnOneLine("""
            {"name":"orders","state":"running","health":"healthy","pid":4711,"generation":3,"restarts":2,"stale":false,
             "started_at":"2026-01-02T03:04:05.678Z","ready_at":"2026-01-02T03:04:05.678Z",
             "status":{"code":0,"text":"queue 3","sequence":1234,"at":"2026-01-02T03:04:05.678Z","fields":{"queue":3}},
             "last_death":{"at":"2026-01-02T03:04:05.678Z","reason":"signaled","signal":9,"exit_code":null,"detect_us":210,"reclaim_us":900,"restart_us":1800,
                           "reclaimed":[{"kind":"process","what":"4712","outcome":"killed"}]},
             "memory_bytes":1234,"cpu_seconds":1.25,"processes":2,"log":null,"because":null,"depends_on":null,"group":null,"replacing":null,"dying":false,"due":null,"limits":null,"listen":null,"stored":null}
            """),
            ContractsJson.Serialize(snapshot));
    }

    [Fact]
    public void What_is_absent_is_null()
    {
        var snapshot = new ServiceSnapshot { Name = "a", State = ServiceState.Stopped, Health = ServiceHealth.Unknown };
        Assert.Equal(
            """
            {"name":"a","state":"stopped","health":"unknown","pid":null,"generation":0,"restarts":0,"stale":false,"started_at":null,"ready_at":null,"status":null,"last_death":null,"memory_bytes":null,"cpu_seconds":null,"processes":null,"log":null,"because":null,"depends_on":null,"group":null,"replacing":null,"dying":false,"due":null,"limits":null,"listen":null,"stored":null}
            """,
            ContractsJson.Serialize(snapshot));
    }

    [Fact]
    public void A_step_that_was_kept_says_why() =>
        Assert.Equal(
            """[{"kind":"sysv_shm","what":"17","outcome":"kept","reason":"owned by uid 0"}]""",
            JsonSerializer.Serialize([new ReclaimStep(ReclaimKind.SysVShm, "17", ReclaimOutcome.Kept, "owned by uid 0")], ContractsJson.ReclaimSteps));

    [Fact]
    public void An_event_is_spelled_exactly_as_the_contract_says()
    {
        var died = new ServiceEvent
        {
            Id = 17,
            At = Moment,
            Service = "orders",
            Generation = 3,
            Kind = EventKinds.ServiceDied,
            DataJson = """{"reason":"signaled","signal":9}""",
        };
        Assert.Equal(
            """{"id":17,"at":"2026-01-02T03:04:05.678Z","service":"orders","generation":3,"kind":"service.died","data":{"reason":"signaled","signal":9}}""",
            ContractsJson.Serialize(died));
        var started = new ServiceEvent { Id = 1, At = Moment, Kind = EventKinds.MonitorStarted };
        Assert.Equal(
            """{"id":1,"at":"2026-01-02T03:04:05.678Z","service":null,"generation":null,"kind":"monitor.started","data":{}}""",
            ContractsJson.Serialize(started));
    }

    [Fact]
    public void Data_that_is_no_JSON_is_refused() =>
        Assert.ThrowsAny<JsonException>(() => ContractsJson.Serialize(new ServiceEvent { Id = 1, At = Moment, Kind = "k", DataJson = "{" }));

    [Fact]
    public void Field_values_keep_their_kind()
    {
        var fields = new Dictionary<string, StatusValue> { ["i"] = 3, ["n"] = 3.0, ["big"] = 1e300, ["b"] = true, ["t"] = "ü\"\u001b" };
        var json = JsonSerializer.Serialize(fields, ContractsJson.Fields);
        Assert.Equal("""{"i":3,"n":3.0,"big":1E+300,"b":true,"t":"ü\"\u001B"}""", json);
        Assert.Equal(fields, JsonSerializer.Deserialize(json, ContractsJson.Fields));
    }

    [Fact]
    public void Any_service_comes_back_as_it_was() =>
        Generators.Snapshot.Sample(snapshot =>
        {
            var json = ContractsJson.Serialize(snapshot);
            var read = JsonSerializer.Deserialize(json, ContractsJson.Snapshot)!;
            Assert.Equal(json, ContractsJson.Serialize(read));
            Assert.Equal(snapshot.Status!.Fields, read.Status!.Fields);
        });

    [Fact]
    public void Any_event_comes_back_to_the_millisecond() =>
        Generators.Event.Sample(serviceEvent =>
        {
            var json = ContractsJson.Serialize(serviceEvent);
            Assert.Equal(json, ContractsJson.Serialize(JsonSerializer.Deserialize(json, ContractsJson.Event)!));
        });

    [Theory]
    [InlineData("""{"name":null,"state":"running","health":"healthy"}""")]
    [InlineData("""{"name":"a","health":"healthy"}""")]
    [InlineData("""{"name":"a","state":"Running","health":"healthy"}""")]
    [InlineData("""{"name":"a","state":3,"health":"healthy"}""")]
    [InlineData("""{"name":"a","state":"running","health":"healthy","started_at":"yesterday"}""")]
    [InlineData("""{"name":"a","state":"running","health":"healthy","status":{"text":"","at":"2026-01-02T03:04:05Z","fields":{"x":[]}}}""")]
    public void Wrong_JSON_of_a_service_is_refused(string json) =>
        Assert.ThrowsAny<JsonException>(() => JsonSerializer.Deserialize(json, ContractsJson.Snapshot));

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"id":1,"at":"2026-01-02T03:04:05Z"}""")]
    [InlineData("""{"id":"1","at":"2026-01-02T03:04:05Z","kind":"k"}""")]
    [InlineData("""{"id":1,"at":"2026-01-02T03:04:05Z","kind":"k","generation":99999999999}""")]
    public void Wrong_JSON_of_an_event_is_refused(string json) =>
        Assert.ThrowsAny<JsonException>(() => JsonSerializer.Deserialize(json, ContractsJson.Event));

    [Fact]
    public void Unknown_names_are_ignored_because_names_may_be_added()
    {
        var read = JsonSerializer.Deserialize("""{"id":1,"new":{"a":[1]},"at":"2026-01-02T03:04:05Z","kind":"k"}""", ContractsJson.Event)!;
        Assert.Equal(("k", "{}"), (read.Kind, read.DataJson));
    }

    private static string OnOneLine(string text) => string.Concat(text.Split('\n').Select(line => line.Trim()));
}
