using System.Diagnostics;
using System.Globalization;

namespace Lifeline.Ipc.Hostile.Fuzzing;

/// <summary>
/// fuzz TARGET|all [--seconds N] [--seed S] [--corpus DIR] [--findings DIR]; fuzz TARGET --file FILE; fuzz TARGET --afl;
/// fuzz all --write-corpus DIR.
/// </summary>
internal static class FuzzCommand
{
    private const int Found = 1;

    internal static int Run(string[] arguments)
    {
        string name = arguments is [var first, ..] ? first : "all";
        string? Option(string option) => Array.IndexOf(arguments, option) is var at and >= 0 && at + 1 < arguments.Length ? arguments[at + 1] : null;
        // Before anything of the kit runs: AFL++'s instruments must be there first.
        if (arguments.Contains("--afl"))
            return UnderAfl(name);
        FuzzTarget[] targets = [.. FuzzTarget.All.Where(t => name == "all" || t.Name == name)];
        if (targets.Length == 0)
        {
            Console.Error.WriteLine($"No target {name}. There are: {string.Join(", ", FuzzTarget.All.Select(t => t.Name))}");
            return 64;
        }

        if (Option("--file") is { } file)
        {
            targets[0].Feed(File.ReadAllBytes(file));
            return 0;
        }

        if (Option("--write-corpus") is { } folder)
            return WriteCorpus(targets, folder);
        double seconds = double.Parse(Option("--seconds") ?? "5", CultureInfo.InvariantCulture);
        int seed = int.Parse(Option("--seed") ?? "1", CultureInfo.InvariantCulture);
        string findings = Option("--findings") ?? Path.GetTempPath();
        int code = 0;
        foreach (FuzzTarget target in targets)
            code |= Fuzz(target, TimeSpan.FromSeconds(seconds), seed, Option("--corpus"), findings);
        return code;
    }

    private static int Fuzz(FuzzTarget target, TimeSpan duration, int seed, string? corpusFolder, string findings)
    {
        List<byte[]> corpus = [.. target.Seeds()];
        if (corpusFolder is not null && Directory.Exists(Path.Combine(corpusFolder, target.Name)))
            corpus.AddRange(Directory.GetFiles(Path.Combine(corpusFolder, target.Name)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes));
        using var trace = new InputTrace(Path.Combine(findings, $"fuzz-{target.Name}-{Environment.ProcessId}"), target.MaxLength);
        var random = new Random(seed);
        long started = Stopwatch.GetTimestamp();
        long runs = 0;
        while (runs < corpus.Count || Stopwatch.GetElapsedTime(started) < duration)
        {
            byte[] input = runs < corpus.Count ? corpus[(int)runs] : target.Mutate(corpus, random);
            runs++;
            trace.Note(input);
            try
            {
                target.Feed(input);
            }
            catch (Exception e)
            {
                trace.Keep();
                Console.WriteLine($"{target.Name}: run {runs} of seed {seed}: {e}\ninput: {trace.Path} ({Convert.ToHexString(input.AsSpan(0, Math.Min(input.Length, 200)))})");
                return Found;
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target.Name}: {runs} inputs, {corpus.Count} of them known, {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s, nothing found"));
        return 0;
    }

    private static int WriteCorpus(FuzzTarget[] targets, string folder)
    {
        foreach (FuzzTarget target in targets)
        {
            Directory.CreateDirectory(Path.Combine(folder, target.Name));
            int number = 0;
            foreach (byte[] seed in target.Seeds())
                File.WriteAllBytes(Path.Combine(folder, target.Name, $"seed-{number++:00}"), seed);
        }

        return 0;
    }

    /// <summary>One input after the other from AFL++, which steers them by what code they reach.</summary>
    private static int UnderAfl(string name)
    {
        FuzzTarget? target = null;
        SharpFuzz.Fuzzer.OutOfProcess.Run(stream =>
        {
            target ??= FuzzTarget.All.Single(t => t.Name == name);
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            target.Feed(copy.GetBuffer().AsSpan(0, (int)Math.Min(copy.Length, target.MaxLength)));
        });
        return 0;
    }
}
