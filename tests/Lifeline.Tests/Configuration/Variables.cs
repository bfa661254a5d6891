namespace Lifeline.Tests.Configuration;

public sealed class Variables : IDisposable
{
    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("${A}", "1")]
    [InlineData("x${A}y${A}z", "x1y1z")]
    [InlineData("${A:-d}", "1")]
    [InlineData("${NONE:-d}", "d")]
    [InlineData("${EMPTY}", "")]
    [InlineData("${EMPTY:-d}", "d")]
    [InlineData("${NONE:-}", "")]
    [InlineData("${NONE:-${A}-${ALSO_NONE:-e}}", "1-e")]
    [InlineData("$$", "$")]
    [InlineData("$${A}", "${A}")]
    [InlineData("$$${A}", "$1")]
    [InlineData("$A $( $", "$A $( $")]
    [InlineData("a${NONE:-$$}b", "a$b")]
    public void Are_replaced_in_strings(string text, string expected)
    {
        var service = folder.LoadService($"env = {{ X = '{text}' }}", ("A", "1"), ("EMPTY", ""));
        Assert.Equal(expected, service.Environment["X"]);
    }

    [Theory]
    [InlineData("\"pre ${NONE}\"", "3:10", "the variable NONE is not set; set it, or give a default: \"${NONE:-…}\"; \"$${NONE}\" leaves it as it is")]
    [InlineData("\"é😀${NONE}\"", "3:8", "the variable NONE is not set; set it, or give a default: \"${NONE:-…}\"; \"$${NONE}\" leaves it as it is")]
    [InlineData("\"\\t${NONE}\"", "3:5", "the variable NONE is not set; set it, or give a default: \"${NONE:-…}\"; \"$${NONE}\" leaves it as it is")]
    [InlineData("\"${A:-${NONE}}${NONE:-${B}}\"", "3:27", "the variable B is not set; set it, or give a default: \"${B:-…}\"; \"$${B}\" leaves it as it is")]
    [InlineData("\"${A\"", "3:6", "\"${\" without its \"}\"; write \"$${\" for the text \"${\"")]
    [InlineData("\"${A-b}\"", "3:6", "\"${A-b}\" is not understood; write \"${NAME}\" or \"${NAME:-default}\", or \"$${\" for the text \"${\"")]
    [InlineData("\"${}\"", "3:6", "\"${}\" is not understood; write \"${NAME}\" or \"${NAME:-default}\", or \"$${\" for the text \"${\"")]
    public void That_are_wrong_are_told_where_they_stand(string text, string place, string message)
    {
        Assert.Equal([$"lifeline.toml:{place}: error: {message}"], folder.Errors($"[services.a]\ncommand = \"x\"\ncwd={text}", ("A", "1")));
    }

    [Fact]
    public void Work_in_every_string_also_in_arrays_and_includes()
    {
        folder.Write("sub/a.toml", "[services.a]\ncommand = [\"${PROGRAM}\", \"--x=${X:-1}\"]\nready_timeout = \"${SECONDS}s\"\nstop = { signal = \"${SIGNAL:-INT}\" }");
        var service = Assert.Single(folder.LoadGood("include = [\"${WHERE}/*.toml\"]", ("WHERE", "sub"), ("PROGRAM", "p"), ("SECONDS", "7")).Services);
        Assert.Equal(["p", "--x=1"], service.Command);
        Assert.Equal(TimeSpan.FromSeconds(7), service.ReadyTimeout);
        Assert.Equal(2, service.Stop.Signal);
    }

    [Fact]
    public void Cannot_make_a_text_grow_without_bound()
    {
        var error = Assert.Single(folder.Errors($"[services.a]\ncommand = \"{string.Concat(Enumerable.Repeat("${BIG}", 3000))}\"", ("BIG", new string('x', 1000))));
        Assert.Contains("grows beyond 1 MiB", error, StringComparison.Ordinal);
    }
}
