using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Guide;

/// <summary>No page of the guide tells to type what was never typed: a page or a command that is new is found here, and run.</summary>
public class GuideTests
{
    // Pages whose blocks belong together and need a Lifeline of their own; those of all others are typed into that of GuideWorld.
    private static readonly Dictionary<string, string> HaveTestsOfTheirOwn = new()
    {
        ["docs/guide/first-steps.md"] = nameof(DocumentationTests.First_steps_work_as_written),
        ["docs/guide/health.md"] = nameof(DocumentationTests.The_page_about_healths_example_is_valid),
        ["docs/guide/http.md"] = nameof(DocumentationTests.Every_command_of_the_page_about_http_works),
        ["docs/guide/alerts.md"] = nameof(DocumentationTests.The_page_about_alerts_shows_valid_configurations_and_commands_that_work),
        ["docs/guide/logs.md"] = nameof(DocumentationTests.The_page_about_output_works_as_written),
        ["docs/guide/sd-notify.md"] = nameof(DocumentationTests.The_page_about_programs_made_for_systemd_works_as_written),
        ["docs/guide/configuration.md"] = nameof(DocumentationTests.The_configuration_guide_shows_what_check_prints),
        ["docs/guide/import.md"] = nameof(DocumentationTests.The_page_about_imports_shows_what_is_printed),
    };

    // What is not typed, and why.
    internal static readonly Dictionary<string, string> Exceptions = new()
    {
        ["./test"] = "it runs these tests",
        ["dotnet build src/Lifeline"] = "./test begins with it",
        ["dotnet publish src/Lifeline -c Release -r linux-x64"] = "./test makes what these tests run with it",
        ["dotnet run --project src/Lifeline -- up samples/quickstart/lifeline.toml"] = $"typed by {nameof(DocumentationTests.The_front_pages_command_works_through_dotnet_run)}, which does not build again",
        ["dotnet run --project samples/SharedMemory"] = $"typed by {nameof(DocumentationTests.SharedMemory_passes_a_block_a_stream_and_a_board)}, which does not build again",
        ["docker run … lifeline up"] = $"{nameof(Launches.ContainerTests)} are the first process of a container without docker",
    };

    [Fact]
    public async Task Every_command_that_is_mentioned_works()
    {
        var pages = Page.All.Select(Page.Read).ToArray();
        await using var world = await GuideWorld.BeginAsync([.. pages.SelectMany(page => page.Typed.Concat(page.Mentioned)).Where(GuideWorld.IsReport)]);
        var typed = new HashSet<string>();
        var failed = new List<string>();
        foreach (var page in pages)
            foreach (var command in Typable(page).SelectMany(GuideWorld.Spell).Where(typed.Add))
                if (await world.TypeAsync(page.Path, command) is { } failure) failed.Add(failure);
        Assert.True(failed.Count == 0, string.Join('\n', failed));
        // An exception that no page has any more is none.
        var all = pages.SelectMany(page => page.Typed.Concat(page.Mentioned)).ToHashSet();
        Assert.Empty(Exceptions.Keys.Except(all));
        Assert.Empty(HaveTestsOfTheirOwn.Keys.Except(Page.All));
        Assert.InRange(typed.Count, 60, int.MaxValue);
    }

    public static TheoryData<string> Pages => [.. Page.All];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Every_example_of_a_configuration_is_valid(string path)
    {
        foreach (var example in Page.Read(path).Examples)
        {
            // What completes a service that the page spoke of before.
            var sections = example.Split('\n').Where(line => line.StartsWith("[services.", StringComparison.Ordinal)).Select(line => line.Split(']')[0]["[services.".Length..]).ToArray();
            var more = sections.Where(section => section.Contains('.')).Select(section => section.Split('.')[0]).Except(sections).Distinct();
            await using var daemon = new Daemon(string.Concat(more.Select(name => $"[services.{name}]\ncommand = [\"sleep\", \"1000\"]\n")) + example);
            var result = await daemon.RunAsync("check", daemon.ConfigurationFile);
            Assert.True(result.ExitCode == 0, $"{path}:\n{example}\n{result.Errors}");
        }
    }

    private static IEnumerable<string> Typable(Page page) =>
        (HaveTestsOfTheirOwn.ContainsKey(page.Path) ? page.Mentioned : page.Typed.Concat(page.Mentioned))
        .Where(command => !Exceptions.ContainsKey(command) && !GuideWorld.IsReport(command));
}
