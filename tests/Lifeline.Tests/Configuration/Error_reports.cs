using Lifeline.Configuration;

namespace Lifeline.Tests.Configuration;

public sealed class Error_reports : IDisposable
{
    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Show_the_line_and_mark_what_is_wrong()
    {
        var result = folder.Load("[services.orders]\n\tcomand = [\"x\"]\nready = \"stat\"\ncommand = \"x\"\n");
        Assert.Equal(
            "error: unknown key \"comand\" in [services.orders]\n" +
            " --> lifeline.toml:2:2\n" +
            "  |\n" +
            "2 | \tcomand = [\"x\"]\n" +
            "  | \t^^^^^^\n" +
            "  = help: did you mean \"command\"?\n" +
            "\n" +
            "error: \"ready\" must be one of \"exec\", \"status\", \"probe\", found \"stat\"\n" +
            " --> lifeline.toml:3:9\n" +
            "  |\n" +
            "3 | ready = \"stat\"\n" +
            "  |         ^^^^^^\n" +
            "\n" +
            "2 errors\n",
            ErrorReport.Render(result, folder.Path, color: false));
    }

    [Fact]
    public void Name_files_elsewhere_by_their_whole_path_and_a_missing_file_without_a_line()
    {
        var result = ConfigurationLoader.Load("/none/lifeline.toml", new Dictionary<string, string>());
        Assert.Equal(
            "error: the file \"/none/lifeline.toml\" does not exist\n" +
            " --> /none/lifeline.toml\n" +
            "\n" +
            "1 error\n",
            ErrorReport.Render(result, folder.Path, color: false));
    }

    [Fact]
    public void Say_how_many_are_not_shown()
    {
        var result = folder.Load(string.Concat(Enumerable.Range(0, 60).Select(i => $"zzzzzz{i} = 1\n")));
        Assert.EndsWith("\n60 errors, the first 50 are shown\n", ErrorReport.Render(result, folder.Path, color: false), StringComparison.Ordinal);
    }

    [Fact]
    public void Use_colour_only_when_asked_to()
    {
        var result = folder.Load("nope = 1");
        Assert.DoesNotContain('\e', ErrorReport.Render(result, folder.Path, color: false));
        Assert.Contains("\e[1;31merror\e[0m", ErrorReport.Render(result, folder.Path, color: true), StringComparison.Ordinal);
    }
}
