namespace Lifeline.EndToEnd.Tests.Harness;

/// <summary>Where the repository and the executable under test are.</summary>
internal static class Places
{
    public static string Repository { get; } = FindRepository();

    /// <summary>The native build when the test command made one, else the build beside the tests.</summary>
    public static string Executable { get; } = FindExecutable();

    private static string FindRepository()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Lifeline.slnx")))
                return folder;
        }

        return Environment.GetEnvironmentVariable("LIFELINE_TEST_REPOSITORY")
            ?? throw new InvalidOperationException("The tests run from outside the repository: set LIFELINE_TEST_REPOSITORY.");
    }

    private static string FindExecutable()
    {
        var native = Environment.GetEnvironmentVariable("LIFELINE_TEST_EXECUTABLE");
        if (!string.IsNullOrEmpty(native))
            return File.Exists(native) ? native : throw new FileNotFoundException($"LIFELINE_TEST_EXECUTABLE names {native}, which does not exist.");
        var built = Path.Combine(Repository, "src/Lifeline/bin/Debug/net10.0/lifeline");
        return File.Exists(built) ? built : throw new FileNotFoundException($"{built} does not exist: build the solution first.");
    }
}
