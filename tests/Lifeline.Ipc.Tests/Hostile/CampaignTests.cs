using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Hostile;

/// <summary>The campaign of bad neighbours in its short version: real processes that scribble, flood, stop and die. docs/testing.md has the long one.</summary>
public sealed class CampaignTests
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
}
