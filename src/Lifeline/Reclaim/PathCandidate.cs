using Lifeline.Linux;

namespace Lifeline.Reclaim;

/// <summary>Something that will be removed unless a living process holds it.</summary>
/// <param name="path">Its full path, for people and for the table of sockets.</param>
/// <param name="folder">Its folder, opened without following a link.</param>
/// <param name="name">Its name there.</param>
/// <param name="status">What it was when it was found.</param>
internal sealed class PathCandidate(string path, Descriptor folder, string name, FileStatus status)
{
    public string Path => path;

    public Descriptor Folder => folder;

    public string Name => name;

    public FileStatus Status => status;
}
