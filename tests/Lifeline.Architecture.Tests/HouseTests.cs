using Lifeline.Architecture.Tests.Rules;

namespace Lifeline.Architecture.Tests;

/// <summary>The house is built as the design says.</summary>
public class HouseTests
{
    private static readonly Repository House = Repository.Find();

    /// <summary>Each project of src that is there, with what it may use.</summary>
    public static TheoryData<string> Projects => [.. ProjectFile.All(House).Where(p => p.Path.StartsWith("src/", StringComparison.Ordinal)).Select(p => p.Name)];

    [Fact]
    public void Projects_reference_only_what_the_table_allows() => Verdict.Clean(ProjectRules.References(House));

    [Fact]
    public void Only_its_tests_see_the_inside_of_a_project() => Verdict.Clean(ProjectRules.Friends(House));

    [Fact]
    public void Every_project_has_tests_and_is_in_the_solution() => Verdict.Clean(ProjectRules.Completeness(House));

    [Theory]
    [MemberData(nameof(Projects))]
    public void An_assembly_uses_only_the_layers_below(string project) =>
        Verdict.Clean(AssemblyRules.Layers(Open(project), ProjectTable.Find(project)!));

    [Theory]
    [MemberData(nameof(Projects))]
    public void An_assembly_uses_no_type_that_is_foreign_to_it(string project) =>
        Verdict.Clean(AssemblyRules.Types(Open(project), project));

    [Theory]
    [MemberData(nameof(Projects))]
    public void An_assembly_makes_no_forbidden_call(string project) =>
        Verdict.Clean(AssemblyRules.Calls(Open(project), project));

    [Theory]
    [MemberData(nameof(Projects))]
    public void Only_the_ground_floor_has_native_methods(string project) =>
        Verdict.Clean(AssemblyRules.NativeMethods(Open(project), project));

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_library_has_one_public_namespace(string project) =>
        Verdict.Clean(AssemblyRules.Namespaces(Open(project), project));

    [Fact]
    public void The_shipped_kit_has_no_hook_that_ends_a_process() =>
        Verdict.Clean(AssemblyRules.Hooks(Open("Lifeline.Ipc")));

    [Fact]
    public void Folders_hold_at_most_25_files() => Verdict.Clean(TreeRules.FolderSizes(House));

    [Fact]
    public void Folders_say_what_is_in_them() => Verdict.Clean(TreeRules.FolderNames(House));

    [Fact]
    public void Source_files_have_at_most_400_lines() => Verdict.Clean(TreeRules.FileLengths(House));

    [Fact]
    public void No_file_names_a_path_of_one_machine() => Verdict.Clean(TreeRules.MachinePaths(House));

    [Fact]
    public void Bad_habits_stay_outside() => Verdict.Clean(TreeRules.Habits(House));

    [Fact]
    public void Every_link_leads_somewhere() => Verdict.Clean(DocumentRules.Links(House));

    [Fact]
    public void Every_page_can_be_reached_from_the_front_page() => Verdict.Clean(DocumentRules.Reachable(House));

    [Fact]
    public void Every_test_that_a_page_names_exists() => Verdict.Clean(DocumentRules.NamedTests(House));

    private static AssemblyFile Open(string project)
    {
        ProjectFile file = ProjectFile.All(House).Single(p => p.Name == project);
        string path = Path.Combine(AppContext.BaseDirectory, file.AssemblyName + ".dll");
        Assert.True(File.Exists(path), $"{file.AssemblyName}.dll is not beside the test: add a ProjectReference to {project} to Lifeline.Architecture.Tests.csproj.");
        Assert.True(ProjectTable.Find(project) is not null, $"{project} is not in the table of projects (ProjectTable).");
        return AssemblyFile.Read(path);
    }
}
