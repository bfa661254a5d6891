namespace Lifeline.Tests.Configuration;

public sealed class Wrong_files : IDisposable
{
    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("a = ", "lifeline.toml:1:5: error: unexpected token the end of the file for a value")]
    [InlineData("[services.x]\ncommand = [\"a\"\n", "lifeline.toml:3:1: error: unexpected token the end of the file. Expecting a closing \"]\" for an array")]
    [InlineData("[services.x]\ncommand = \"open\nrestart = 1\n[y]\nz = 2", "lifeline.toml:2:16: error: the string is not closed on this line")]
    [InlineData("[monitor]\numask = 022", "lifeline.toml:2:9: error: unexpected leading zero (\"0\") for integer \"022\"")]
    [InlineData("[services.x]\ncommand = \"a\"\n[services.x]\nenv = {}", "lifeline.toml:3:11: error: the table [services.x] is given twice; the first is at line 1")]
    [InlineData("[services.x]\ncommand = \"a\"\nstop = {}\n[services.x.stop]\nsignal = 1", "lifeline.toml:4:13: error: the table [services.x.stop] is given twice; the first is at line 3")]
    [InlineData("monitor = 3\n[monitor.x]", "lifeline.toml:2:2: error: \"monitor\" is given twice; the first is at line 1")]
    public void What_is_not_toml_is_told_once(string text, string error)
    {
        Assert.Equal([error], folder.Errors(text));
    }

    [Fact]
    public void A_file_that_does_not_exist_is_told_without_a_line()
    {
        var result = Lifeline.Configuration.ConfigurationLoader.Load(Path.Combine(folder.Path, "none.toml"), new Dictionary<string, string>());
        var error = Assert.Single(result.Errors);
        Assert.Equal(0, error.Line);
        Assert.StartsWith("the file \"", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("does not exist", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_not_a_file()
    {
        var result = Lifeline.Configuration.ConfigurationLoader.Load(folder.Path, new Dictionary<string, string>());
        Assert.EndsWith("cannot be read: it is a folder", Assert.Single(result.Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused()
    {
        var path = Path.Combine(folder.Path, "bytes.toml");
        File.WriteAllBytes(path, [0x5b, 0xff, 0xfe]);
        var result = Lifeline.Configuration.ConfigurationLoader.Load(path, new Dictionary<string, string>());
        Assert.EndsWith("is not UTF-8 text", Assert.Single(result.Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_beyond_the_limit_is_refused()
    {
        Assert.EndsWith("is larger than 1 MiB", Assert.Single(folder.Errors(new string('#', (1 << 20) + 1))), StringComparison.Ordinal);
    }

    [Fact]
    public void An_include_that_does_not_exist_is_told_where_it_is_named()
    {
        var error = Assert.Single(folder.Errors("include = [\"conf.d/a.toml\"]"));
        Assert.StartsWith("lifeline.toml:1:12: error: the file ", error, StringComparison.Ordinal);
        Assert.EndsWith("does not exist", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Includes_in_a_circle_are_refused()
    {
        folder.Write("a.toml", "include = [\"b.toml\"]");
        folder.Write("b.toml", "include = [\"lifeline.toml\"]");
        Assert.Equal(["b.toml:1:12: error: the include goes in a circle: lifeline.toml → a.toml → b.toml → lifeline.toml"], folder.Errors("include = [\"a.toml\"]"));
    }

    [Fact]
    public void A_file_included_twice_is_refused()
    {
        folder.Write("a.toml", "");
        Assert.StartsWith("lifeline.toml:1:22: error: \"", Assert.Single(folder.Errors("include = [\"a.toml\", \"./a.toml\"]")), StringComparison.Ordinal);
    }

    [Fact]
    public void What_two_files_say_is_told_with_both_places()
    {
        folder.Write("a.toml", "[services.x]\ncommand = \"a\"\n[monitor]\n[defaults]\n[alerts.o]\ncommand = \"a\"");
        var errors = folder.Errors("include = [\"a.toml\"]\n[services.x]\ncommand = \"b\"\n[monitor]\n[defaults]\n[alerts.o]\ncommand = \"b\"");
        Assert.Equal(
        [
            $"lifeline.toml:2:11: error: [services.x] is given in two files; the first is a.toml:1:11",
            $"lifeline.toml:4:2: error: [monitor] is given in two files; the first is a.toml:3:2",
            $"lifeline.toml:5:2: error: [defaults] is given in two files; the first is a.toml:4:2",
            $"lifeline.toml:6:9: error: [alerts.o] is given in two files; the first is a.toml:5:9",
        ], errors);
    }

    [Fact]
    public void Errors_of_included_files_name_those_files()
    {
        folder.Write("conf.d/a.toml", "[services.x]\ncomand = \"a\"");
        Assert.Equal(
            ["conf.d/a.toml:2:1", "lifeline.toml:2:1"],
            folder.Load("include = [\"conf.d/*.toml\"]\nnope = 1").Errors.OrderBy(e => e.File, StringComparer.Ordinal).Select(e => e.Location.ToString().Replace(folder.Path + "/", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_environment_file_is_checked_line_by_line()
    {
        folder.Write("x.env", "# good\nA=1\nnot a variable\n  B='open\n=x\n");
        Assert.Equal(
        [
            "x.env:3:1: error: this line is not NAME=VALUE; begin comments with #",
            "x.env:4:5: error: the quotes of B are not closed on this line",
            "x.env:5:1: error: this line is not NAME=VALUE; begin comments with #",
        ], folder.Errors("[services.x]\ncommand = \"a\"\nenv_file = \"x.env\""));
    }

    [Fact]
    public void An_environment_file_that_does_not_exist_is_told_where_it_is_named()
    {
        Assert.StartsWith("lifeline.toml:3:12: error: env_file ", Assert.Single(folder.Errors("[services.x]\ncommand = \"a\"\nenv_file = \"x.env\"")), StringComparison.Ordinal);
    }
}
