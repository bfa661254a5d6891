using System.Text.Json;
using Microsoft.Playwright;

namespace Lifeline.Dashboard.Tests;

/// <summary>What Chromium's own trace says about the frames of a page. The page asks for every frame there can be meanwhile.</summary>
internal sealed class FrameTrace
{
    private const double LongTaskMilliseconds = 50;

    private readonly List<double> intervals;
    private readonly List<double> tasks;

    private FrameTrace(List<double> intervals, List<double> tasks) => (this.intervals, this.tasks) = (intervals, tasks);

    public int Frames => intervals.Count;

    /// <summary>Tasks of the page's main thread that held it for longer than 50 ms.</summary>
    public int LongTasks => tasks.Count(task => task > LongTaskMilliseconds);

    public static async Task<FrameTrace> TakeAsync(IPage page, TimeSpan duration)
    {
        var session = await page.Context.NewCDPSessionAsync(page);
        var events = new List<JsonElement>();
        var complete = new TaskCompletionSource();
        session.Event("Tracing.dataCollected").OnEvent += (_, data) =>
        {
            lock (events)
                events.AddRange(data!.Value.GetProperty("value").EnumerateArray().Select(e => e.Clone()));
        };
        session.Event("Tracing.tracingComplete").OnEvent += (_, _) => complete.TrySetResult();
        await page.EvaluateAsync("() => { window.everyFrame = () => { if (window.everyFrame) requestAnimationFrame(window.everyFrame); }; window.everyFrame(); }");
        await session.SendAsync("Tracing.start", new Dictionary<string, object>
        {
            ["categories"] = "-*,devtools.timeline,disabled-by-default-devtools.timeline,disabled-by-default-devtools.timeline.frame",
            ["transferMode"] = "ReportEvents",
        });
        await Task.Delay(duration);
        await session.SendAsync("Tracing.end");
        await complete.Task.WaitAsync(TimeSpan.FromMinutes(1));
        await page.EvaluateAsync("() => { window.everyFrame = null; }");
        lock (events)
            return Of(events);
    }

    public override string ToString() => string.Join('\n',
        $"frames: {Frames}; from one to the next {Spell(intervals)} ms",
        $"tasks of the main thread: {tasks.Count}; {Spell(tasks)} ms, in sum {tasks.Sum():0} ms; longer than 50 ms: {LongTasks}");

    private static FrameTrace Of(List<JsonElement> events)
    {
        // The busiest main thread of a renderer is the page's.
        var mains = events.Where(e => Name(e) == "thread_name" && e.GetProperty("args").GetProperty("name").GetString() == "CrRendererMain").Select(Place).ToHashSet();
        var byMain = events.Where(e => Name(e) is "RunTask" or "BeginMainThreadFrame" or "FireAnimationFrame" && mains.Contains(Place(e))).GroupBy(Place)
            .OrderByDescending(group => group.Count(e => Name(e) == "FireAnimationFrame")).First().ToList();
        var begins = byMain.Where(e => Name(e) == "BeginMainThreadFrame").Select(Microseconds).Order().ToList();
        var intervals = begins.Zip(begins.Skip(1), (a, b) => (b - a) / 1000).ToList();
        var tasks = byMain.Where(e => Name(e) == "RunTask" && e.TryGetProperty("dur", out _)).Select(e => e.GetProperty("dur").GetDouble() / 1000).ToList();
        return new FrameTrace(intervals, tasks);
    }

    private static string Spell(List<double> values)
    {
        if (values.Count == 0)
            return "none";
        var sorted = values.Order().ToList();
        return $"p50 {At(sorted, 0.5):0.0}, p95 {At(sorted, 0.95):0.0}, p99 {At(sorted, 0.99):0.0}, max {sorted[^1]:0.0}";
    }

    private static double At(List<double> sorted, double part) => sorted[Math.Min(sorted.Count - 1, (int)(part * sorted.Count))];

    private static string? Name(JsonElement e) => e.GetProperty("name").GetString();

    private static (long, long) Place(JsonElement e) => (e.GetProperty("pid").GetInt64(), e.GetProperty("tid").GetInt64());

    private static double Microseconds(JsonElement e) => e.GetProperty("ts").GetDouble();
}
