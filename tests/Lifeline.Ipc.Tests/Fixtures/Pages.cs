using System.Runtime.CompilerServices;

namespace Lifeline.Ipc.Tests.Fixtures;

/// <summary>Files of the repository that tests compare with the code.</summary>
internal static class Pages
{
    /// <summary>Reads a file by its path from the root of the repository.</summary>
    internal static string Read(string path, [CallerFilePath] string thisFile = "")
    {
        foreach (string start in (string[])[AppContext.BaseDirectory, Path.GetDirectoryName(thisFile)!])
        {
            for (string? folder = start; folder is not null; folder = Path.GetDirectoryName(folder))
            {
                if (File.Exists(Path.Combine(folder, "Lifeline.slnx")))
                    return File.ReadAllText(Path.Combine(folder, path));
            }
        }

        throw new InvalidOperationException($"No Lifeline.slnx above {AppContext.BaseDirectory} or {thisFile}.");
    }
}
