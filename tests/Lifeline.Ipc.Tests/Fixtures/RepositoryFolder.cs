namespace Lifeline.Ipc.Tests.Fixtures;

/// <summary>The folder of the repository that this test was built in.</summary>
internal static class RepositoryFolder
{
    internal static string Find()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Lifeline.slnx")))
                return folder;
        }

        throw new InvalidOperationException($"no Lifeline.slnx above {AppContext.BaseDirectory}");
    }
}
