using System.Globalization;
using System.Text;
using Lifeline.EndToEnd.Tests.Harness;
using Lifeline.EndToEnd.Tests.Roles;

namespace Lifeline.EndToEnd.Tests.Campaigns;

/// <summary>Services of several kinds under one daemon, and what each of them noted outside of it.</summary>
internal sealed class Crew : IAsyncDisposable
{
    private static readonly (string Kind, int Count)[] Kinds = [("writer", 12), ("beater", 6), ("listener", 2), ("looper", 6), ("reporter", 2)];

    private readonly Dictionary<string, int> _pids = [];

    private Crew(Daemon daemon) => Daemon = daemon;

    public Daemon Daemon { get; }

    public IEnumerable<string> Steady => Names().Where(name => !IsLooper(name));

    public IEnumerable<string> Loopers => Names().Where(IsLooper);

    public IReadOnlyList<string> Sockets => [.. Names("listener").Select(name => Path.Combine(Daemon.Folder, name + ".sock"))];

    public static async Task<Crew> StartAsync()
    {
        var crew = new Crew(new Daemon(Configuration()));
        try
        {
            var source = Path.Combine(Places.Repository, "bench/campaign/member.c");
            (await Shell.RunAsync("gcc", ["-O1", "-o", Path.Combine(crew.Daemon.Folder, "member"), source])).MustSucceed();
            Directory.CreateDirectory(crew.Notes);
            await crew.Daemon.UpAsync();
            foreach (var name in crew.Steady)
                crew._pids[name] = (await crew.Daemon.RunningAsync(name)).Pid();
            return crew;
        }
        catch
        {
            await crew.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => Daemon.DisposeAsync();

    /// <summary>None lost, none doubled, none harmed: the same processes, still watched, and those that die are still started.</summary>
    public async Task AssertAllLiveAsync()
    {
        foreach (var name in Steady)
        {
            var service = await Daemon.RunningAsync(name);
            Assert.Equal((name, _pids[name], 1), (name, service.Pid(), service.Generation()));
        }

        foreach (var name in Loopers)
        {
            var service = await Daemon.TryServiceAsync(name) ?? throw new InvalidOperationException($"{name} is not known any more.");
            await Daemon.RunningAsync(name, service.Generation() + 1);
        }

        foreach (var name in Names("reporter"))
        {
            var text = (await Daemon.ServiceAsync(name, s => s.StatusText() is not null, "reporting")).StatusText();
            await Daemon.ServiceAsync(name, s => s.StatusText() != text, $"a report after \"{text}\"");
        }

        Assert.Equal("", Daemon.ReadIfThere(Path.Combine(Notes, "trouble")));
    }

    /// <summary>Each generation was executed at most once, and one after the other.</summary>
    /// <returns>How many there were.</returns>
    public int AssertStarts()
    {
        var count = 0;
        foreach (var name in Names().Where(n => !n.StartsWith("reporter", StringComparison.Ordinal)))
        {
            var starts = File.ReadAllLines(Path.Combine(Notes, name + ".starts")).Select(line => int.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture)).ToList();
            Assert.Equal((name, string.Join(' ', starts.Distinct().Order())), (name, string.Join(' ', starts)));
            Assert.True(IsLooper(name) || starts.Count == 1, $"{name} was started {starts.Count} times.");
            count += starts.Count;
        }

        return count;
    }

    /// <summary>Looks for every line of which a service knows that it was written. After the end of all.</summary>
    public LineCount CountLines()
    {
        long written = 0, lost = 0, doubled = 0;
        foreach (var name in Names().Where(n => !n.StartsWith("reporter", StringComparison.Ordinal)))
        {
            for (var stream = 0; stream < 2; stream++)
            {
                var kept = Kept(name, stream == 0 ? "stdout" : "stderr");
                foreach (var note in Directory.GetFiles(Notes, name + ".*").Where(f => int.TryParse(Path.GetExtension(f).AsSpan(1), out _)))
                {
                    var generation = Path.GetExtension(note)[1..];
                    var last = BitConverter.ToInt64(File.ReadAllBytes(note), stream * sizeof(long));
                    written += last;
                    for (var number = 1L; number <= last; number++)
                    {
                        var times = kept.GetValueOrDefault((generation, number));
                        lost += times == 0 ? 1 : 0;
                        doubled += Math.Max(0, times - 1);
                    }
                }
            }
        }

        return new LineCount(written, lost, doubled);
    }

    private string Notes => Path.Combine(Daemon.Folder, "notes");

    private Dictionary<(string Generation, long Number), int> Kept(string name, string stream)
    {
        var kept = new Dictionary<(string, long), int>();
        foreach (var file in Directory.GetFiles(Path.Combine(Daemon.StateFolder, "logs", name), stream + "*.log"))
        {
            foreach (var line in File.ReadLines(file))
            {
                // A line that a kill has torn is none: its write did not return.
                if (line.Split(' ', 4) is [var who, var generation, var number, _] && who == name && long.TryParse(number, CultureInfo.InvariantCulture, out var n))
                    kept[(generation, n)] = kept.GetValueOrDefault((generation, n)) + 1;
            }
        }

        return kept;
    }

    private static bool IsLooper(string name) => name.StartsWith("looper", StringComparison.Ordinal);

    private static IEnumerable<string> Names() => Kinds.SelectMany(kind => Names(kind.Kind));

    private static IEnumerable<string> Names(string kind) => Enumerable.Range(1, Kinds.First(k => k.Kind == kind).Count).Select(number => kind + number);

    private static string Configuration()
    {
        var text = new StringBuilder("""
            [monitor]
            http = "off"
            [defaults]
            inherit_env = ["PATH", "HOME", "DOTNET_ROOT"]
            log = { max_size = "1GiB" }

            """);
        foreach (var (kind, count) in Kinds)
        {
            for (var number = 1; number <= count; number++)
                text.Append(Service(kind, kind + number.ToString(CultureInfo.InvariantCulture)));
        }

        return text.ToString();
    }

    private static string Service(string kind, string name)
    {
        var command = kind == "reporter"
            ? $"command = [{RoleStart.Command}]\nenv = {{ {RoleStart.Variable} = \"writer\" }}"
            : $$"""command = ["{folder}/member", "{{kind}}", "{folder}/notes"]""";
        var more = kind switch
        {
            "beater" => "heartbeat = \"10s\"",
            "listener" => $$"""listen = { a = { unix = "{folder}/{{name}}.sock" } }""",
            "looper" => "max_restarts = 1000000\nbackoff = { initial = \"10ms\", max = \"100ms\" }",
            _ => "",
        };
        return $"[services.{name}]\n{command}\n{more}\n";
    }
}

/// <summary>What became of the lines of all services.</summary>
/// <param name="Written">Those that a service knows to be written.</param>
/// <param name="Lost">Those of them that are in no file.</param>
/// <param name="Doubled">Those that are there once too often.</param>
internal readonly record struct LineCount(long Written, long Lost, long Doubled);
