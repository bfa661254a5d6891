using System.Text.RegularExpressions;

namespace Lifeline.Architecture.Tests.Rules;

/// <summary>Judges folders and files of the repository.</summary>
internal static partial class TreeRules
{
    internal const int MaxFilesInFolder = 25;
    internal const int MaxLines = 400;

    private static readonly string[] SayingNothing = ["common", "utils", "util", "utilities", "helpers", "helper", "shared", "misc"];
    private static readonly string[] TextFiles =
    [
        ".cs", ".csproj", ".props", ".targets", ".slnx", ".md", ".json", ".toml", ".txt", ".yml", ".yaml", ".sh", ".c", ".h", ".editorconfig", ".gitignore", ".xml", "",
    ];

    internal static IEnumerable<string> FolderSizes(Repository repository) =>
        from file in repository.Files
        group file by Folder(file) into folder
        where folder.Key.Length > 0 && folder.Count() > MaxFilesInFolder
        select $"{folder.Key} holds {folder.Count()} files, the limit is {MaxFilesInFolder}: cut it by what the files are about.";

    internal static IEnumerable<string> FolderNames(Repository repository) =>
        from folder in repository.Files.Select(Folder).Distinct()
        where folder.Split('/').Any(name => SayingNothing.Contains(name.ToLowerInvariant()))
        select $"{folder}: the name of a folder says what is in it; this one says nothing.";

    internal static IEnumerable<string> FileLengths(Repository repository) =>
        from file in repository.Files
        where file.EndsWith(".cs", StringComparison.Ordinal)
        let lines = File.ReadLines(Path.Combine(repository.Root, file)).Count()
        where lines > MaxLines
        select $"{file} has {lines} lines, the limit is {MaxLines}: there is more than one thing in it.";

    /// <summary>Paths of one machine that found their way into the tree.</summary>
    internal static IEnumerable<string> MachinePaths(Repository repository)
    {
        foreach (string file in repository.Files.Where(f => TextFiles.Contains(Path.GetExtension(f))))
        {
            int number = 0;
            foreach (string line in File.ReadLines(Path.Combine(repository.Root, file)))
            {
                number++;
                if (MachinePath().Match(line) is { Success: true } match)
                    yield return $"{file}:{number}: \"{match.Value.Trim()}\" is a path of one machine.";
            }
        }
    }

    /// <summary>Habits that no analyzer here forbids.</summary>
    internal static IEnumerable<string> Habits(Repository repository)
    {
        foreach (string file in repository.Files.Where(f => f.EndsWith(".cs", StringComparison.Ordinal)))
        {
            string text = repository.Read(file);
            foreach (Match match in Habit().Matches(text))
            {
                int line = text.AsSpan(0, match.Index).Count('\n') + 1;
                yield return $"{file}:{line}: \"{match.Value.Trim()}\" is not done here.";
            }

            foreach (Match match in Swallow().Matches(text).Where(m => !m.Groups["body"].Value.Contains("throw", StringComparison.Ordinal)))
            {
                int line = text.AsSpan(0, match.Index).Count('\n') + 1;
                yield return $"{file}:{line}: swallows every exception; name the type, and say why it may be ignored.";
            }
        }
    }

    private static string Folder(string file) => Path.GetDirectoryName(file)!.Replace('\\', '/');

    // Spelled with classes of one letter, so that this file does not find itself.
    [GeneratedRegex(@"(?<![\w.~*}-])/(?:wor[k]/|tm[p]/art\b|hom[e]/(?!x/|user/|you/)[a-z][\w-]*/|User[s]/[A-Za-z]+/|roo[t]/\.)[\w./-]*|\b[A-Z]:\\User[s]\\")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"^[ \t]*#regio[n]\b.*$|\bThread\.Slee[p]\(|\bloc[k] \(this\)|\basync voi[d]\b", RegexOptions.Multiline)]
    private static partial Regex Habit();

    // A catch without a type and its block, to the brace that closes it.
    [GeneratedRegex(@"\bcatc[h]\s*\{(?<body>(?:[^{}]|\{(?<open>)|\}(?<-open>))*)(?(open)(?!))\}")]
    private static partial Regex Swallow();
}
