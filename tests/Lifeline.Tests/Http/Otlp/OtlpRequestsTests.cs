using System.Diagnostics.Metrics;
using Lifeline.Http;

namespace Lifeline.Tests.Http.Otlp;

/// <summary>What is sent, field by field; numbers are those of opentelemetry-proto's metrics.proto.</summary>
public sealed class OtlpRequestsTests : IDisposable
{
    private const ulong Start = 1_700_000_000_000_000_000, Now = 1_700_000_060_000_000_000;

    private readonly Meter _meter = new("Lifeline.Test");

    public void Dispose() => _meter.Dispose();

    [Fact]
    public void Who_measured_is_said_with_each_request()
    {
        var requests = Requests();
        requests.Add(FamilyOf(_meter.CreateCounter<long>("lifeline.events", "{event}"), (1, [])));

        var resource = Assert.Single(requests.Finish().Select(bytes => new ProtobufMessage(bytes)))[1];

        Assert.Equal(new Dictionary<string, string> { ["service.name"] = "lifeline", ["host.name"] = "web1" }, resource[1].Attributes(1));
        Assert.Equal("Lifeline.Test", resource[2][1].Text(1));
        Assert.Equal("1.2.3", resource[2][1].Text(2));
    }

    [Fact]
    public void A_counter_is_a_cumulative_monotonic_sum_since_the_start()
    {
        var metric = Assert.Single(MetricsOf(FamilyOf(
            _meter.CreateCounter<long>("lifeline.service.deaths", "{death}", "Deaths of a service"),
            (1, [new("service", "orders \"1\"\n"), new("reason", "exited")]), (2, [new("service", "orders \"1\"\n"), new("reason", "exited")]))));

        Assert.Equal("lifeline.service.deaths", metric.Text(1));
        Assert.Equal("Deaths of a service", metric.Text(2));
        Assert.Equal("{death}", metric.Text(3));
        var sum = metric[7];
        Assert.Equal(2u, sum.Number(2));
        Assert.Equal(1u, sum.Number(3));
        Assert.Equal([2, 3, 6, 7], sum[1].Fields);
        Assert.Equal(Start, sum[1].Number(2));
        Assert.Equal(Now, sum[1].Number(3));
        Assert.Equal(3u, sum[1].Number(6));
        Assert.Equal(new Dictionary<string, string> { ["service"] = "orders \"1\"\n", ["reason"] = "exited" }, sum[1].Attributes(7));
    }

    [Fact]
    public void A_gauge_is_what_it_is_now()
    {
        var metric = Assert.Single(MetricsOf(FamilyOf(
            _meter.CreateObservableGauge<double>("lifeline.service.memory", () => 0, "By"), (-1.5, [new("service", "a")]), (4096, [new("service", "b")]))));

        var points = metric[5].All(1);
        Assert.Equal([1], metric[5].Fields);
        Assert.Equal([-1.5, 4096], points.Select(p => p.Double(4)));
        Assert.Equal(["a", "b"], points.Select(p => p.Attributes(7)["service"]));
        Assert.All(points, p => Assert.Equal([3, 4, 7], p.Fields));
    }

    [Fact]
    public void Whole_numbers_are_sent_as_such_also_negative_ones()
    {
        var metric = Assert.Single(MetricsOf(FamilyOf(_meter.CreateUpDownCounter<long>("lifeline.queue"), (-7, []))));

        Assert.Equal(-7, (long)metric[5][1].Number(6));
        Assert.Equal([1, 5], metric.Fields);
    }

    [Fact]
    public void A_histogram_has_a_count_for_each_bucket_alone_and_one_bound_less()
    {
        var histogram = _meter.CreateHistogram<double>("lifeline.service.reclaim.duration", "s", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        var metric = Assert.Single(MetricsOf(FamilyOf(histogram, (0.05, []), (0.1, []), (0.5, []), (7, []), (8, []))));

        Assert.Equal(2u, metric[9].Number(2));
        var point = metric[9][1];
        Assert.Equal([2, 3, 4, 5, 6, 7], point.Fields);
        Assert.Equal(Start, point.Number(2));
        Assert.Equal(5u, point.Number(4));
        Assert.Equal(15.65, point.Double(5), 6);
        Assert.Equal([2u, 1u, 2u], point.Packed(6));
        Assert.Equal([0.1, 1], point.Packed(7).Select(BitConverter.UInt64BitsToDouble));
    }

    [Fact]
    public void A_histogram_keeps_its_labels()
    {
        var metric = Assert.Single(MetricsOf(FamilyOf(_meter.CreateHistogram<double>("lifeline.wait", "s"), (1, [new("endpoint", "monitor")]))));

        Assert.Equal("monitor", metric[9][1].Attributes(9)["endpoint"]);
    }

    [Fact]
    public void What_is_more_than_a_request_may_hold_goes_on_in_the_next_one()
    {
        const int maxBytes = 500;
        using var other = new Meter("Lifeline.Test.Other");
        var requests = Requests(maxBytes);
        requests.Add(FamilyOf(_meter.CreateObservableGauge<int>("lifeline.many", () => 0), [.. Enumerable.Range(0, 100).Select(i => ((double)i, (KeyValuePair<string, object?>[])[new("n", i)]))]));
        requests.Add(FamilyOf(_meter.CreateObservableGauge<int>("lifeline.few", () => 0), (5, [])));
        requests.Add(FamilyOf(other.CreateObservableGauge<int>("lifeline.others", () => 0), (6, [])));

        var written = requests.Finish();

        Assert.All(written, bytes => Assert.InRange(bytes.Length, 1, maxBytes + 200));
        var metrics = written.SelectMany(bytes => new ProtobufMessage(bytes)[1].All(2)).SelectMany(scope => scope.All(2).Select(metric => (Scope: scope[1].Text(1), Metric: metric))).ToList();
        Assert.Equal(Enumerable.Range(0, 100), metrics.Where(m => m.Metric.Text(1) == "lifeline.many").SelectMany(m => m.Metric[5].All(1)).Select(p => (int)p.Number(6)).Order());
        Assert.Equal("Lifeline.Test", Assert.Single(metrics, m => m.Metric.Text(1) == "lifeline.few").Scope);
        Assert.Equal("Lifeline.Test.Other", Assert.Single(metrics, m => m.Metric.Text(1) == "lifeline.others").Scope);
        Assert.True(written.Count > 5, $"{written.Count} requests");
    }

    [Fact]
    public void What_has_no_value_is_not_sent()
    {
        var requests = Requests();
        requests.Add(FamilyOf(_meter.CreateCounter<long>("lifeline.nothing")));

        Assert.Empty(requests.Finish());
    }

    [Fact]
    public void A_series_that_is_no_more_is_told_to_be_no_more_until_the_receiver_took_that()
    {
        var sent = new OtlpSent();
        var family = FamilyOf(_meter.CreateObservableGauge("lifeline.service.state", () => 0), (1, [new("state", "running")]));
        Assert.Equal(["running"], StatesOf(family, sent));
        sent.NoteTaken();

        family.BeginCollection();
        family.Record(1, [new("state", "backoff")]);
        Assert.Equal(["backoff", "running: none"], StatesOf(family, sent));
        // Not taken: it may have arrived all the same.
        family.BeginCollection();
        family.Record(1, [new("state", "failed")]);
        Assert.Equal(["failed", "backoff: none", "running: none"], StatesOf(family, sent).OrderBy(s => s.Contains(':')).ThenBy(s => s));
        sent.NoteTaken();

        family.BeginCollection();
        family.Record(1, [new("state", "failed")]);
        Assert.Equal(["failed"], StatesOf(family, sent));
    }

    [Fact]
    public void The_collector_gives_the_families_of_a_meter_together()
    {
        using var collector = new MetricsCollector();
        using var other = new Meter("Lifeline.Test.Other");
        _meter.CreateObservableGauge("lifeline.test.a", () => 1);
        other.CreateObservableGauge("lifeline.test.b", () => 2);
        _meter.CreateObservableGauge("lifeline.test.c", () => 3);

        var scopes = new ProtobufMessage(Assert.Single(OtlpRequests.Of(collector, Requests())))[1].All(2);

        Assert.Equal(
            ["lifeline.test.a", "lifeline.test.c"],
            Assert.Single(scopes, scope => scope[1].Text(1) == "Lifeline.Test").All(2).Select(metric => metric.Text(1)));
    }

    private static OtlpRequests Requests(int maxBytes = OtlpLimits.MaxRequestBytes) =>
        new(new OtlpSent(), [new("service.name", "lifeline"), new("host.name", "web1")], "1.2.3", Start, Now, maxBytes);

    private static IEnumerable<string> StatesOf(MetricFamily family, OtlpSent sent)
    {
        var requests = new OtlpRequests(sent, [], "1.2.3", Start, Now, OtlpLimits.MaxRequestBytes);
        requests.Add(family);
        sent.NoteTried();
        foreach (var point in new ProtobufMessage(Assert.Single(requests.Finish()))[1][2][2][5].All(1))
        {
            var isGone = point.Fields.Contains(8) && point.Number(8) == 1;
            Assert.Equal(!isGone, point.Fields.Contains(6));
            yield return point.Attributes(7)["state"] + (isGone ? ": none" : "");
        }
    }

    private static IEnumerable<ProtobufMessage> MetricsOf(MetricFamily family)
    {
        var requests = Requests();
        requests.Add(family);
        return new ProtobufMessage(Assert.Single(requests.Finish()))[1][2].All(2);
    }

    private static MetricFamily FamilyOf(Instrument instrument, params (double Value, KeyValuePair<string, object?>[] Tags)[] values)
    {
        var family = new MetricFamily(instrument);
        foreach (var (value, tags) in values)
            family.Record(value, tags);
        return family;
    }
}
