using System.Text.RegularExpressions;

namespace Lifeline.Architecture.Tests.Rules;

/// <summary>Judges the pages: what they link to is there.</summary>
internal static partial class DocumentRules
{
    internal static IEnumerable<string> Links(Repository repository)
    {
        foreach (string page in repository.Files.Where(f => f.EndsWith(".md", StringComparison.Ordinal)))
        {
            string text = Code().Replace(repository.Read(page), m => new string('\n', m.Value.AsSpan().Count('\n')));
            foreach (Match link in Link().Matches(text))
            {
                string target = link.Groups["target"].Value;
                if (target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal))
                    continue;
                int line = text.AsSpan(0, link.Index).Count('\n') + 1;
                if (Check(repository, page, target) is { } wrong)
                    yield return $"{page}:{line}: the link to {target} leads nowhere: {wrong}.";
            }
        }
    }

    /// <summary>A page that names a test in code quotes names one that there is.</summary>
    internal static IEnumerable<string> NamedTests(Repository repository)
    {
        HashSet<string> tests = [.. repository.Files.Where(f => f.StartsWith("tests/", StringComparison.Ordinal) && f.EndsWith(".cs", StringComparison.Ordinal))
            .SelectMany(f => TestMethod().Matches(repository.Read(f)).Select(m => m.Groups[1].Value))];
        foreach (string page in repository.Files.Where(f => f.StartsWith("docs/", StringComparison.Ordinal) && f.EndsWith(".md", StringComparison.Ordinal)))
            foreach (string name in TestName().Matches(repository.Read(page)).Select(m => m.Groups[1].Value).Where(name => name.Skip(1).Any(char.IsLower) && !tests.Contains(name)))
                yield return $"{page}: there is no test {name}.";
    }

    /// <summary>Every page of docs can be reached from the front page. A link to a folder reaches the pages in it.</summary>
    internal static IEnumerable<string> Reachable(Repository repository)
    {
        HashSet<string> seen = ["README.md"];
        Queue<string> next = new(["README.md"]);
        while (next.TryDequeue(out string? page))
        {
            if (!repository.Files.Contains(page))
                continue;
            foreach (string target in Link().Matches(repository.Read(page)).Select(l => l.Groups["target"].Value.Split('#')[0]))
            {
                if (target.Length == 0 || target.Contains("://", StringComparison.Ordinal))
                    continue;
                foreach (string reached in PagesAt(repository, Resolve(page, target)).Where(seen.Add))
                    next.Enqueue(reached);
            }
        }

        return from page in repository.Files
               where page.StartsWith("docs/", StringComparison.Ordinal) && page.EndsWith(".md", StringComparison.Ordinal) && !seen.Contains(page)
               select $"{page}: no chain of links leads from README.md to it.";
    }

    private static IEnumerable<string> PagesAt(Repository repository, string target) =>
        repository.Files.Where(f => f.EndsWith(".md", StringComparison.Ordinal) && (f == target || Path.GetDirectoryName(f) == target.TrimEnd('/')));

    private static string? Check(Repository repository, string page, string target)
    {
        string[] parts = target.Split('#', 2);
        string file = parts[0].Length == 0 ? page : Resolve(page, parts[0]);
        if (!repository.Exists(file))
            return $"there is no {file}";
        if (parts.Length == 1 || !file.EndsWith(".md", StringComparison.Ordinal))
            return null;
        return Headings(repository.Read(file)).Contains(parts[1]) ? null : $"{file} has no heading #{parts[1]}";
    }

    private static string Resolve(string page, string target)
    {
        string folder = Path.GetDirectoryName(page)!;
        string full = Path.GetFullPath(Path.Combine("/", folder, target));
        return full.TrimStart('/');
    }

    // The anchors that GitHub gives to headings.
    private static HashSet<string> Headings(string text) =>
        [.. Heading().Matches(Code().Replace(text, "")).Select(h => NotInAnchor().Replace(h.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'))];

    [GeneratedRegex(@"public (?:async )?(?:Task|ValueTask|void) (\w+)\(")]
    private static partial Regex TestMethod();

    [GeneratedRegex(@"`([A-Z][a-z]*(?:_[a-z0-9A-Z]+){3,})`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"(?<!!)\[[^\]]*\]\((?<target>[^)\s]+)(?:\s+""[^""]*"")?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^```.*?^```|`[^`\n]+`(?!\])", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"^#{1,6} +(.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NotInAnchor();
}
