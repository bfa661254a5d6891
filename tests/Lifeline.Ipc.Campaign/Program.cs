using System.Diagnostics;
using System.Globalization;
using Lifeline.Ipc.Campaign.Scenarios;
using Lifeline.Ipc.Campaign.Scenes;

// Lifeline.Ipc.Campaign SCENARIO|all [--quick] [--seconds N] [--count N] [--seed S]
(string Name, Func<Settings, Task<string>> Run, double Seconds, long Count)[] scenarios =
[
    ("scribble", Scribbling.RunAsync, 600, 0),
    ("floods", Floods.RunAsync, 20, 0),
    ("stop", Stopping.RunAsync, 20, 0),
    ("ring-stores", RingStores.RunAsync, 0, 0),
    ("kills", RandomKills.RunAsync, 0, 100_000),
    ("board", BoardScenarios.ReadAsync, 0, 1_000_000_000),
    ("board-stores", BoardScenarios.DieAsync, 0, 0),
    ("stream-stores", StreamStores.RunAsync, 0, 0),
    ("blocks", BlockPassing.RunAsync, 0, 0),
];

if (args is ["block-reader", var path])
    return await BlockPassing.ServeAsync(path);
if (args is ["stores"])
{
    foreach (string store in (string[])[.. RingStores.Stores, .. BoardScenarios.Stores, .. StreamStores.Stores])
        Console.WriteLine(store);
    return 0;
}

string name = args is [var first, ..] ? first : "all";
var wanted = scenarios.Where(s => name == "all" || s.Name == name).ToList();
if (wanted.Count == 0)
{
    Console.Error.WriteLine($"No scenario {name}. There are: {string.Join(", ", scenarios.Select(s => s.Name))}");
    return 64;
}

bool quick = args.Contains("--quick");
string? Option(string option) => Array.IndexOf(args, option) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : null;
int code = 0;
foreach (var scenario in wanted)
{
    var settings = new Settings(
        double.Parse(Option("--seconds") ?? (quick ? "1.5" : scenario.Seconds.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture),
        long.Parse(Option("--count") ?? (quick ? Math.Min(scenario.Count / 300, 3_000_000) : scenario.Count).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
        int.Parse(Option("--seed") ?? "1", CultureInfo.InvariantCulture),
        quick);
    long started = Stopwatch.GetTimestamp();
    try
    {
        string report = await scenario.Run(settings);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{scenario.Name}: held ({Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s)\n{report}"));
    }
    catch (CampaignException e)
    {
        Console.WriteLine($"{scenario.Name}: BROKEN: {e.Message}");
        code = 1;
    }
}

return code;
