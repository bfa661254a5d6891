using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Hostile;

/// <summary>Everything that reads a peer's bytes, fed with the corpus and with what comes of it in a moment. docs/testing.md has the long run.</summary>
public sealed class FuzzTests
{
    public static TheoryData<string> Targets =>
    [
        "record", "hello", "goodbye", "ticket", "parcel", "registry", "ring-consumer", "ring-producer", "board", "stream-ring", "status", "slot", "contracts", "session",
    ];

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Bad_bytes_are_refused_by_an_error_that_is_meant_for_them(string target)
    {
        using var findings = new TemporaryFolder();
        string corpus = Path.Combine(AppContext.BaseDirectory.Replace("Lifeline.Ipc.Tests", "Lifeline.Ipc.Hostile", StringComparison.Ordinal), "corpus");
        (int code, string output) = await SiblingProgram.RunAsync(
            "Lifeline.Ipc.Hostile", "fuzz", target, "--seconds", "0.3", "--seed", "1", "--corpus", corpus, "--findings", findings.File(""));
        Assert.True(code == 0, output);
        Assert.Contains("nothing found", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_target_is_tested()
    {
        (_, string output) = await SiblingProgram.RunAsync("Lifeline.Ipc.Hostile", "fuzz", "none");
        Assert.Equal(Targets.Select(t => t.Data), output[(output.IndexOf(':', StringComparison.Ordinal) + 1)..].Split(',').Select(t => t.Trim()));
    }
}
