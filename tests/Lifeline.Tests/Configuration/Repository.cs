namespace Lifeline.Tests.Configuration;

/// <summary>Where the repository is, for tests that compare code and documents.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find([System.Runtime.CompilerServices.CallerFilePath] string thisFile = "")
    {
        for (var folder = Path.GetDirectoryName(thisFile); folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "Lifeline.slnx"))) return folder;
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "Lifeline.slnx"))) return folder;
        return Environment.GetEnvironmentVariable("LIFELINE_TEST_REPOSITORY")
            ?? throw new InvalidOperationException("The tests run from outside the repository: set LIFELINE_TEST_REPOSITORY.");
    }
}
