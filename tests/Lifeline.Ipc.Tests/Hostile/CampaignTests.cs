using System.Text.RegularExpressions;
using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Hostile;

/// <summary>The campaign of bad neighbours in its short version: real processes that scribble, flood, stop and die. docs/testing.md has the long one.</summary>
public sealed partial class CampaignTests
{
    public static TheoryData<string> Scenarios =>
        ["scribble", "floods", "stop", "ring-stores", "kills", "board", "board-stores", "stream-stores", "blocks"];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task Nothing_but_the_bad_neighbours_own_session_ends(string scenario)
    {
        (int code, string output) = await SiblingProgram.RunAsync("Lifeline.Ipc.Campaign", scenario, "--quick");
        Assert.True(code == 0, output);
        Assert.Contains($"{scenario}: held", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task There_is_a_death_for_each_store_that_has_a_hook()
    {
        string sources = Path.Combine(RepositoryFolder.Find(), "src/Lifeline.Ipc");
        IEnumerable<string> hooks = Directory.GetFiles(sources, "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Hook().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups[1].Value);
        (_, string stores) = await SiblingProgram.RunAsync("Lifeline.Ipc.Campaign", "stores");
        Assert.Equal(hooks.Distinct().Order(StringComparer.Ordinal), stores.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Order(StringComparer.Ordinal));
    }

    [GeneratedRegex("Stored\\(\"([a-z]+)\"\\)")]
    private static partial Regex Hook();
}
