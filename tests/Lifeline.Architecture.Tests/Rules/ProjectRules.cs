namespace Lifeline.Architecture.Tests.Rules;

/// <summary>Judges project files. Each rule gives one line for each thing that is wrong.</summary>
internal static class ProjectRules
{
    internal static IEnumerable<string> References(Repository repository)
    {
        foreach (ProjectFile project in ProjectFile.All(repository))
        {
            IEnumerable<string> wrong = project.Path.Split('/')[0] switch
            {
                "src" => OfSource(project),
                "samples" or "bench" => OfProgram(project),
                "tests" => [],
                _ => [$"{project.Path}: projects live in src, tests, samples or bench."],
            };
            foreach (string line in wrong)
                yield return line;
        }
    }

    /// <summary>Nobody but its tests sees the inside of a project.</summary>
    internal static IEnumerable<string> Friends(Repository repository) =>
        from project in ProjectFile.All(repository)
        where project.Path.StartsWith("src/", StringComparison.Ordinal)
        from friend in project.Friends
        where friend != project.Name + ".Tests"
        select $"{project.Path}: InternalsVisibleTo {friend}; only {project.Name}.Tests may see the inside.";

    /// <summary>Each source project has its tests, and the solution names every project of src and tests.</summary>
    internal static IEnumerable<string> Completeness(Repository repository)
    {
        IReadOnlyList<ProjectFile> projects = ProjectFile.All(repository);
        string solution = repository.Read("Lifeline.slnx");
        foreach (ProjectFile project in projects.Where(p => p.Path.StartsWith("src/", StringComparison.Ordinal)))
        {
            if (projects.All(p => p.Name != project.Name + ".Tests"))
                yield return $"{project.Path}: there is no tests/{project.Name}.Tests.";
        }

        foreach (ProjectFile project in projects.Where(p => p.Path.StartsWith("src/", StringComparison.Ordinal) || p.Path.StartsWith("tests/", StringComparison.Ordinal)))
        {
            if (!solution.Contains($"\"{project.Path}\"", StringComparison.Ordinal))
                yield return $"{project.Path}: Lifeline.slnx does not name it.";
        }
    }

    private static IEnumerable<string> OfSource(ProjectFile project)
    {
        if (ProjectTable.Find(project.Name) is not { } limits)
        {
            yield return $"{project.Path}: {project.Name} is not in the table of projects (design §2, ProjectTable). A new project needs a new outside dependency, a new deployable or a new audience.";
            yield break;
        }

        foreach (string used in project.Projects.Except(limits.Projects))
            yield return $"{project.Path}: uses the project {used}; allowed are: {List(limits.Projects)}.";
        foreach (string used in project.Packages.Except(limits.Packages))
            yield return $"{project.Path}: uses the package {used}; allowed are: {List(limits.Packages)}.";
    }

    private static IEnumerable<string> OfProgram(ProjectFile project) =>
        from used in project.Projects.Except(ProjectTable.ForSamples)
        where used.StartsWith("Lifeline", StringComparison.Ordinal)
        select $"{project.Path}: uses the project {used}; a sample is written like somebody else's program and may use: {List(ProjectTable.ForSamples)}.";

    private static string List(string[] names) => names.Length == 0 ? "none" : string.Join(", ", names);
}
