using System.Globalization;

namespace Lifeline.Bench.Command;

/// <summary>What was asked for on the command line.</summary>
/// <param name="Workloads">Names of workloads; empty for all.</param>
/// <param name="Runs">Runs of which medians are taken.</param>
/// <param name="Quick">Short measurements, to see whether it works.</param>
/// <param name="Native">Whether the native build takes part.</param>
/// <param name="Only">Ids of contenders, or the beginnings of such; empty for all.</param>
/// <param name="JsonFile">Where the results are written besides.</param>
internal sealed record BenchOptions(IReadOnlyList<string> Workloads, int Runs, bool Quick, bool Native, IReadOnlyList<string> Only, string? JsonFile)
{
    private const long DefaultBoardReads = 10_000_000;
    private const long QuickBoardReads = 1_000_000;

    /// <summary>Where the tables are written besides.</summary>
    internal string? MarkdownFile { get; init; }

    internal bool List { get; init; }

    internal bool Help { get; init; }

    /// <summary>Reads of the status board in each run while it is written.</summary>
    internal long BoardReads { get; init; } = DefaultBoardReads;

    /// <summary>Whether other libraries take part.</summary>
    internal bool Peers { get; init; } = true;

    /// <exception cref="FormatException">The command line makes no sense; the message says why.</exception>
    internal static BenchOptions Parse(string[] args, IReadOnlyList<string> known)
    {
        List<string> workloads = [], only = [];
        int? runs = null;
        long? boardReads = null;
        bool quick = false, native = false, list = false, help = false, peers = true;
        string? json = null, markdown = null;
        for (int i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "-h" or "--help" or "help":
                    help = true;
                    break;
                case "list":
                    list = true;
                    break;
                case "all":
                    break;
                case "--quick":
                    quick = true;
                    break;
                case "--aot":
                    native = true;
                    break;
                case "--no-peers":
                    peers = false;
                    break;
                case "--runs":
                    runs = int.TryParse(Value(), CultureInfo.InvariantCulture, out int number) && number is >= 1 and <= 100
                        ? number
                        : throw new FormatException($"--runs {args[i]}: a number from 1 to 100 is wanted");
                    break;
                case "--board-reads":
                    boardReads = long.TryParse(Value(), CultureInfo.InvariantCulture, out long reads) && reads is >= 1000 and <= 100_000_000_000
                        ? reads
                        : throw new FormatException($"--board-reads {args[i]}: a number from 1000 to 100000000000 is wanted");
                    break;
                case "--only":
                    only.AddRange(Value().Split(','));
                    break;
                case "--json":
                    json = Value();
                    break;
                case "--markdown":
                    markdown = Value();
                    break;
                case var name when known.Contains(name):
                    workloads.Add(name);
                    break;
                default:
                    throw new FormatException($"{args[i]}: neither a workload ({string.Join(", ", known)}) nor an option");
            }

            string Value() => ++i < args.Length ? args[i] : throw new FormatException($"{args[i - 1]} wants a value");
        }

        native |= Running.Build.IsNative;
        return new BenchOptions(workloads, runs ?? (quick ? 1 : 5), quick, native, only, json) { List = list, MarkdownFile = markdown, Help = help, Peers = peers, BoardReads = boardReads ?? (quick ? QuickBoardReads : DefaultBoardReads) };
    }
}
