using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Lifeline.Architecture.Tests;

/// <summary>A tree of files to be judged: the repository, or a bad sample made by a test.</summary>
internal sealed class Repository
{
    private static readonly string[] NotOurs = ["bin", "obj", ".git", "artifacts", "TestResults", "node_modules"];

    /// <param name="root">The folder of Lifeline.slnx.</param>
    internal Repository(string root)
    {
        Root = root;
        Files = ListByGit(root) ?? ListByWalking(root);
    }

    internal string Root { get; }

    /// <summary>Every file that belongs to the repository, relative to <see cref="Root"/>, with slashes, in order.</summary>
    internal IReadOnlyList<string> Files { get; }

    internal string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    internal bool Exists(string path) => File.Exists(Path.Combine(Root, path)) || Directory.Exists(Path.Combine(Root, path));

    /// <summary>Walks up to Lifeline.slnx from where the test runs; built into another folder, from where it was compiled.</summary>
    internal static Repository Find([CallerFilePath] string thisFile = "")
    {
        foreach (string start in (string[])[AppContext.BaseDirectory, Environment.CurrentDirectory, Path.GetDirectoryName(thisFile)!])
        {
            for (string? folder = start; folder is not null; folder = Path.GetDirectoryName(folder))
            {
                if (File.Exists(Path.Combine(folder, "Lifeline.slnx")))
                    return new Repository(folder);
            }
        }

        throw new InvalidOperationException($"No Lifeline.slnx above {AppContext.BaseDirectory}, {Environment.CurrentDirectory} or {thisFile}: run the test inside of the repository.");
    }

    private static IReadOnlyList<string>? ListByGit(string root)
    {
        if (!Directory.Exists(Path.Combine(root, ".git")))
            return null;
        var start = new ProcessStartInfo("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        {
            WorkingDirectory = root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process git = Process.Start(start)!;
            _ = git.StandardError.ReadToEndAsync();
            string output = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            return git.ExitCode != 0 ? null : [.. output.Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(f => File.Exists(Path.Combine(root, f))).Distinct().Order(StringComparer.Ordinal)];
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // No git here: the walk finds the same files in a clean tree.
            return null;
        }
    }

    private static IReadOnlyList<string> ListByWalking(string root)
    {
        List<string> files = [];
        Stack<string> folders = new([root]);
        while (folders.TryPop(out string? folder))
        {
            files.AddRange(Directory.GetFiles(folder).Select(f => Path.GetRelativePath(root, f)));
            foreach (string child in Directory.GetDirectories(folder))
            {
                if (!NotOurs.Contains(Path.GetFileName(child)))
                    folders.Push(child);
            }
        }

        files.Sort(StringComparer.Ordinal);
        return files;
    }
}
