using System.Xml.Linq;

namespace Lifeline.Architecture.Tests.Rules;

/// <summary>What a project file says about itself and what it uses.</summary>
internal sealed class ProjectFile
{
    private ProjectFile(string path, XDocument document)
    {
        Path = path;
        Name = System.IO.Path.GetFileNameWithoutExtension(path);
        AssemblyName = document.Descendants("AssemblyName").FirstOrDefault()?.Value ?? Name;
        Projects = [.. Includes(document, "ProjectReference", IsUsed).Select(i => System.IO.Path.GetFileNameWithoutExtension(i.Replace('\\', '/')))];
        Packages = [.. Includes(document, "PackageReference")];
        Friends = [.. Includes(document, "InternalsVisibleTo")];
    }

    internal string Path { get; }

    internal string Name { get; }

    internal string AssemblyName { get; }

    /// <summary>Projects whose assemblies it uses; one that is only built beside it (ReferenceOutputAssembly="false") is not among them.</summary>
    internal IReadOnlyList<string> Projects { get; }

    internal IReadOnlyList<string> Packages { get; }

    internal IReadOnlyList<string> Friends { get; }

    /// <summary>Every project of the repository.</summary>
    internal static IReadOnlyList<ProjectFile> All(Repository repository) =>
        [.. repository.Files.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal)).Select(f => new ProjectFile(f, XDocument.Parse(repository.Read(f))))];

    private static bool IsUsed(XElement reference) =>
        !string.Equals(reference.Attribute("ReferenceOutputAssembly")?.Value, "false", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<string> Includes(XDocument document, string element, Func<XElement, bool>? condition = null) =>
        document.Descendants(element).Where(condition ?? (_ => true)).Select(e => e.Attribute("Include")?.Value).OfType<string>();
}
