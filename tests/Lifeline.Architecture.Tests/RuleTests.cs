using Lifeline.Architecture.Tests.Rules;

namespace Lifeline.Architecture.Tests;

/// <summary>The rules find what is wrong: a rule that cannot fail proves nothing.</summary>
public sealed class RuleTests : IDisposable
{
    private static readonly AssemblyFile Bad = AssemblyFile.Read(typeof(RuleTests).Assembly.Location);
    private readonly string _root = Directory.CreateTempSubdirectory("lifeline-architecture-").FullName;

    public RuleTests() => Put("Lifeline.slnx", "<Solution />");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_project_that_uses_too_much_is_found()
    {
        Put("src/Lifeline.Monitor/Lifeline.Monitor.csproj", """
            <Project><ItemGroup>
              <ProjectReference Include="../Lifeline.Contracts/Lifeline.Contracts.csproj" />
              <ProjectReference Include="..\Lifeline.Linux\Lifeline.Linux.csproj" />
              <ProjectReference Include="../Built/Beside.csproj" ReferenceOutputAssembly="false" />
              <PackageReference Include="Microsoft.Data.Sqlite" />
              <InternalsVisibleTo Include="Lifeline" />
              <InternalsVisibleTo Include="Lifeline.Monitor.Tests" />
            </ItemGroup></Project>
            """);
        Put("src/Lifeline.Extras/Lifeline.Extras.csproj", "<Project />");
        Put("samples/x/x.csproj", """<Project><ItemGroup><ProjectReference Include="../../src/Lifeline/Lifeline.csproj" /></ItemGroup></Project>""");
        Put("tools/y.csproj", "<Project />");
        Repository tree = Tree();

        Verdict.Finds(ProjectRules.References(tree), "Lifeline.Monitor.csproj", "project Lifeline.Linux", "Lifeline.Contracts");
        Verdict.Finds(ProjectRules.References(tree), "Lifeline.Monitor.csproj", "package Microsoft.Data.Sqlite", "none");
        Verdict.Finds(ProjectRules.References(tree), "Lifeline.Extras", "table of projects");
        Verdict.Finds(ProjectRules.References(tree), "samples/x/x.csproj", "project Lifeline;");
        Verdict.Finds(ProjectRules.References(tree), "tools/y.csproj");
        Assert.Equal(5, ProjectRules.References(tree).Count());
        Assert.Equal("src/Lifeline.Monitor/Lifeline.Monitor.csproj: InternalsVisibleTo Lifeline; only Lifeline.Monitor.Tests may see the inside.", Assert.Single(ProjectRules.Friends(tree)));
        Verdict.Finds(ProjectRules.Completeness(tree), "tests/Lifeline.Monitor.Tests");
        Verdict.Finds(ProjectRules.Completeness(tree), "Lifeline.Extras.csproj", "slnx");
    }

    [Fact]
    public void A_layer_that_is_jumped_over_is_found()
    {
        Verdict.Finds(AssemblyRules.Layers(Bad with { Assemblies = ["Lifeline.Linux", "System.Runtime"] }, ProjectTable.Find("Lifeline.Monitor")!), "Lifeline.Linux", "Lifeline.Contracts");
        Verdict.Finds(AssemblyRules.Layers(Bad with { Assemblies = ["lifeline"] }, ProjectTable.Find("Lifeline.Client")!), "lifeline");
    }

    [Theory]
    [InlineData("System.IO.File")]
    [InlineData("System.Diagnostics.Stopwatch")]
    [InlineData("System.Diagnostics.Process")]
    [InlineData("System.Net.Http.HttpClient")]
    [InlineData("System.Threading.Thread")]
    public void A_type_that_the_core_must_not_use_is_found(string type) =>
        Verdict.Finds(AssemblyRules.Types(Bad, "Lifeline.Monitor"), $"uses {type}");

    [Fact]
    public void Memory_read_as_a_stream_is_not_foreign_to_the_core() =>
        Assert.Empty(AssemblyRules.Types(Bad with { Types = ["System.IO.MemoryStream", "System.IO.Stream"] }, "Lifeline.Monitor"));

    [Fact]
    public void Types_that_are_foreign_to_a_project_are_found_in_every_project()
    {
        Verdict.Finds(AssemblyRules.Types(Bad, "Lifeline.Contracts"), "System.IO.File");
        Verdict.Finds(AssemblyRules.Types(Bad, "Lifeline.Client"), "System.Net.Http.HttpClient");
        Verdict.Finds(AssemblyRules.Types(Bad, "Lifeline"), "System.Diagnostics.Process", "Lifeline.Linux");
        Verdict.Finds(AssemblyRules.Types(Bad with { Types = ["System.Runtime.CompilerServices.AsyncVoidMethodBuilder"] }, "Lifeline"), "asynchronous method");
    }

    [Theory]
    [InlineData("System.DateTime.get_Now")]
    [InlineData("System.DateTimeOffset.get_UtcNow")]
    [InlineData("System.Threading.Tasks.Task.Delay with 1 ")]
    [InlineData("System.Threading.Tasks.Task.Delay with 2 ")]
    [InlineData("System.Threading.Tasks.TaskCompletionSource..ctor with 0 ")]
    [InlineData("System.Threading.Tasks.TaskCompletionSource`1..ctor with 0 ")]
    public void A_forbidden_call_is_found(string call) => Verdict.Finds(AssemblyRules.Calls(Bad, "Lifeline.Ipc"), $"calls {call}");

    [Fact]
    public void The_right_calls_are_not_found()
    {
        string[] found = [.. AssemblyRules.Calls(Bad, "Lifeline.Ipc")];

        Assert.DoesNotContain(found, l => l.Contains("Delay with 3", StringComparison.Ordinal));
        Assert.DoesNotContain(found, l => l.Contains(".ctor with 1", StringComparison.Ordinal));
        Verdict.Finds(AssemblyRules.Calls(Bad, "Lifeline.Monitor"), "Delay with 3");
    }

    [Fact]
    public void A_sleeping_thread_is_found()
    {
        var sleeper = new UsedMember("System.Threading.Thread", "Sleep", 1, ["System.Int32"]);
        Verdict.Finds(AssemblyRules.Calls(Bad with { Members = [sleeper] }, "Lifeline"), "Thread.Sleep", "wait on an event");
    }

    [Fact]
    public void A_native_method_above_the_ground_floor_is_found()
    {
        Verdict.Finds(AssemblyRules.NativeMethods(Bad, "Lifeline.Ipc"), "BadHabits.AskTheKernel");
        Assert.Empty(AssemblyRules.NativeMethods(Bad, "Lifeline.Linux"));
    }

    [Fact]
    public void A_hook_of_the_test_build_is_found() => Verdict.Finds(AssemblyRules.Hooks(Bad), "BadHabits.Stored");

    [Fact]
    public void A_public_type_in_a_namespace_of_its_own_is_found() =>
        Verdict.Finds(AssemblyRules.Namespaces(Bad, "Lifeline.Architecture.Tests"), "Samples.BadHabits");

    [Fact]
    public void A_crowded_folder_and_one_without_a_name_are_found()
    {
        for (int i = 0; i < 26; i++)
            Put($"src/Crowd/File{i}.cs", "");
        Put("src/Lifeline/Common/Thing.cs", "");
        Put("tests/X.Tests/helpers/Deep/Thing.cs", "");

        Verdict.Finds(TreeRules.FolderSizes(Tree()), "src/Crowd", "26", "25");
        Verdict.Finds(TreeRules.FolderNames(Tree()), "src/Lifeline/Common");
        Verdict.Finds(TreeRules.FolderNames(Tree()), "tests/X.Tests/helpers/Deep");
    }

    [Fact]
    public void A_file_that_is_too_long_is_found()
    {
        Put("src/Short.cs", string.Concat(Enumerable.Repeat("//\n", 400)));
        Put("src/Long.cs", string.Concat(Enumerable.Repeat("//\n", 401)));

        Assert.StartsWith("src/Long.cs has 401 lines", Assert.Single(TreeRules.FileLengths(Tree())), StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_of_one_machine_is_found()
    {
        Put("docs/a.md", "fine: ~/wor" + "k/x, https://host/wor" + "k/x, /var/lib/lifeline, $HOME/x\nwrong: cd /wor" + "k/main");
        Put("src/b.cs", "// /hom" + "e/somebody/project");
        Put("src/c.bin", "/wor" + "k/main");

        Verdict.Finds(TreeRules.MachinePaths(Tree()), "docs/a.md:2");
        Verdict.Finds(TreeRules.MachinePaths(Tree()), "src/b.cs:1");
        Assert.Equal(2, TreeRules.MachinePaths(Tree()).Count());
    }

    [Theory]
    [InlineData("#reg" + "ion Fields")]
    [InlineData("Thread.Sl" + "eep(5);")]
    [InlineData("lo" + "ck (this)")]
    [InlineData("try { } ca" + "tch { }")]
    [InlineData("try { } ca" + "tch\n{\n if (x) { Log(); }\n}\nthrow y;")]
    [InlineData("async vo" + "id Run()")]
    public void A_bad_habit_is_found(string line)
    {
        Put("src/a.cs", "// first\n" + line);

        Verdict.Finds(TreeRules.Habits(Tree()), "src/a.cs:2");
    }

    [Fact]
    public void Tidying_up_before_an_exception_goes_on_is_no_bad_habit()
    {
        Put("src/a.cs", "try { } ca" + "tch\n{\n if (x) { Dispose(); }\n throw;\n}");

        Assert.Empty(TreeRules.Habits(Tree()));
    }

    [Fact]
    public void A_link_that_leads_nowhere_is_found()
    {
        Put("README.md", """
            [good](docs/a.md) [page](docs/a.md#the-second-one) [web](https://example.org/x) `[code](nowhere.md)`
            [gone](docs/gone.md)
            [lost](docs/a.md#nothing)
            """);
        Put("docs/d/c.md", "reached through its folder");
        Put("docs/a.md", "[all](d/)\n# First\n## The second: one\n## The second one\n[up](../README.md) [here](#first)\n");
        Put("docs/b.md", "nobody knows me");

        string[] found = [.. DocumentRules.Links(Tree())];
        Assert.Equal(2, found.Length);
        Verdict.Finds(found, "README.md:2", "docs/gone.md");
        Verdict.Finds(found, "README.md:3", "#nothing");
        Assert.Equal("docs/b.md: no chain of links leads from README.md to it.", Assert.Single(DocumentRules.Reachable(Tree())));
    }

    private void Put(string file, string text)
    {
        string path = Path.Combine(_root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private Repository Tree() => new(_root);
}
