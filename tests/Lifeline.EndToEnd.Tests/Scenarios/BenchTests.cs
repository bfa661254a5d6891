using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Scenarios;

/// <summary>The bench works; what it measures on a machine that builds and tests means nothing.</summary>
public sealed class BenchTests
{
    [Fact]
    public async Task A_quick_run_of_the_calls_prints_a_table_of_ratios()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("bench-test-");
        try
        {
            var json = Path.Combine(folder.FullName, "figures.json");
            var result = await RunAsync("call", "--quick", "--no-peers", "--only", "lifeline-jit,c-socket", "--json", json);

            result.MustSucceed();
            Assert.Contains("× C Unix socket", result.Output, StringComparison.Ordinal);
            Assert.Matches(@"Lifeline JIT .*\d ×", result.Output);
            Assert.Contains("\"scenario\": \"1-caller\"", await File.ReadAllTextAsync(json), StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task What_it_does_not_know_is_said_with_what_it_knows()
    {
        var result = await RunAsync("cal");

        result.MustExit(2);
        Assert.Contains("cal: neither a workload (call, oneway,", result.Errors, StringComparison.Ordinal);
    }

    private static Task<CommandResult> RunAsync(params string[] arguments)
    {
        string project = Path.Combine(Places.Repository, "bench/Lifeline.Bench");
        return Shell.RunAsync("dotnet", ["run", "--no-build", "--project", project, "--", .. arguments]);
    }
}
