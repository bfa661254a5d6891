using Lifeline.Bench.Command;
using Lifeline.Bench.Results;

namespace Lifeline.Bench.Running;

/// <summary>One run of the bench: who takes part, and what came out so far.</summary>
internal sealed class BenchRun(BenchOptions options, IReadOnlyList<Contender> contenders, string workFolder, TextWriter output)
{
    private readonly List<Outcome> _outcomes = [];
    private int _paths;

    internal BenchOptions Options => options;

    internal TextWriter Output => output;

    internal MarkdownReport Markdown { get; } = new();

    internal IReadOnlyList<Outcome> Outcomes => _outcomes;

    /// <summary>Who can do the common workloads.</summary>
    internal IEnumerable<Contender> Contenders => contenders.Where(c => !c.IsSpecial);

    /// <summary>Lifeline in its builds.</summary>
    internal IEnumerable<Contender> Ours => contenders.Where(c => c.IsOurs);

    /// <summary>Whether something that must work did not.</summary>
    internal bool Failed { get; private set; }

    /// <summary>Something of Lifeline's did not work.</summary>
    internal void Fail() => Failed = true;

    /// <summary>A contender by its id, if it takes part.</summary>
    internal IEnumerable<Contender> Find(params string[] ids) => contenders.Where(c => ids.Contains(c.Id));

    /// <summary>Where the two sides of a contender meet next; nothing is there yet.</summary>
    internal string NewPath(Contender contender)
    {
        int number = ++_paths;
        return contender.UsesSharedFile && Directory.Exists("/dev/shm")
            ? Path.Combine("/dev/shm", $"{Path.GetFileName(workFolder)}-{number}")
            : Path.Combine(workFolder, $"{number}.sock");
    }

    /// <summary>Measures all contenders in turn, as often as was asked for, and shows the medians.</summary>
    /// <param name="workload">The workload's name.</param>
    /// <param name="scenario">A short name without spaces.</param>
    /// <param name="table">How it is shown.</param>
    /// <param name="participants">Who takes part.</param>
    /// <param name="measure">One run of one contender.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal async Task RoundsAsync(
        string workload, string scenario, ResultTable table, IReadOnlyList<Contender> participants, Func<Contender, CancellationToken, Task<Figures>> measure, CancellationToken cancellationToken)
    {
        var figures = participants.ToDictionary(c => c.Id, _ => new List<Figures>());
        var notes = participants.Where(c => c.Missing is not null).ToDictionary(c => c.Id, c => c.Missing!);
        for (int round = 1; round <= options.Runs; round++)
        {
            foreach (Contender contender in participants.Where(c => !notes.ContainsKey(c.Id)))
            {
                Progress.Show($"{workload} {scenario}: run {round} of {options.Runs}", contender.Name);
                try
                {
                    figures[contender.Id].Add(await measure(contender, cancellationToken));
                }
                catch (BenchException e)
                {
                    notes[contender.Id] = "failed: " + e.Message;
                    Failed |= contender.IsOurs;
                }
            }
        }

        Show(table, [.. participants.Select(c => new Outcome(workload, scenario, c.Id, c.Name, figures[c.Id].Count, Figures.Median(figures[c.Id]), notes.GetValueOrDefault(c.Id)))]);
    }

    /// <summary>The same for what takes long to set up: each contender once, with several measurements in a row.</summary>
    /// <param name="workload">The workload's name.</param>
    /// <param name="scenario">A short name without spaces.</param>
    /// <param name="table">How it is shown.</param>
    /// <param name="participants">Who takes part.</param>
    /// <param name="measure">All measurements of one contender.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal async Task SeriesAsync(
        string workload, string scenario, ResultTable table, IReadOnlyList<Contender> participants, Func<Contender, CancellationToken, Task<List<Figures>>> measure, CancellationToken cancellationToken)
    {
        List<Outcome> rows = [];
        foreach (Contender contender in participants)
        {
            List<Figures> figures = [];
            string? note = contender.Missing;
            try
            {
                if (note is null)
                {
                    Progress.Show($"{workload} {scenario}", contender.Name);
                    figures = await measure(contender, cancellationToken);
                }
            }
            catch (BenchException e)
            {
                note = "failed: " + e.Message;
                Failed |= contender.IsOurs;
            }

            rows.Add(new Outcome(workload, scenario, contender.Id, contender.Name, figures.Count, Figures.Median(figures), note));
        }

        Show(table, rows);
    }

    /// <summary>Keeps rows and shows them.</summary>
    internal void Show(ResultTable table, IReadOnlyList<Outcome> rows)
    {
        Progress.Clear();
        _outcomes.AddRange(rows);
        Show(table.Title, table.Lines(rows));
    }

    /// <summary>Shows lines of cells, and keeps them for the file.</summary>
    internal void Show(string title, List<string[]> lines)
    {
        output.WriteLine($"\n{title}");
        TableText.WriteAligned(output, lines);
        output.Flush();
        Markdown.Add(title, lines);
    }
}
