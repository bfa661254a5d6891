using System.Text.Json;
using Lifeline.Bench.Command;

namespace Lifeline.Bench.Results;

/// <summary>All figures as a file for programs. Times are nanoseconds, memory bytes, rates per second, shares of one.</summary>
internal static class JsonReport
{
    internal static async Task WriteAsync(string file, BenchOptions options, IReadOnlyList<Outcome> outcomes, CancellationToken cancellationToken)
    {
        await using FileStream stream = File.Create(file);
        await using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteNumber("processors", Environment.ProcessorCount);
        json.WriteBoolean("quick", options.Quick);
        json.WriteStartArray("results");
        foreach (Outcome outcome in outcomes)
            Write(json, outcome);
        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);
    }

    private static void Write(Utf8JsonWriter json, Outcome outcome)
    {
        json.WriteStartObject();
        json.WriteString("workload", outcome.Workload);
        json.WriteString("scenario", outcome.Scenario);
        json.WriteString("contender", outcome.Contender);
        json.WriteNumber("runs", outcome.Runs);
        if (outcome.Note is { } note)
            json.WriteString("note", note);
        json.WriteStartObject("medians");
        foreach ((string name, double value) in outcome.Figures.Values)
            json.WriteNumber(name, value);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
