using Lifeline.Configuration;
using Lifeline.Contracts;

namespace Lifeline.Supervision;

/// <summary>
/// Many services in answers, page by page: of each page only what stands on it is asked of the decision loop, and looked up. Safe for any
/// thread but the loop's own.
/// </summary>
internal sealed class ServiceLists(Supervisor supervisor, ServiceDirectory services)
{
    /// <summary>Services on a page of outlines; about as many as fit into an answer.</summary>
    public const int MaxOutlines = 1000;

    /// <summary>Services on a page of the status; about as many as fit into an answer.</summary>
    public const int MaxSnapshots = 256;

    /// <summary>A page of those that are meant by a pattern, and of those that are related to them.</summary>
    public async Task<ServicePage<ServiceOutline>> OutlinesAsync(IReadOnlyList<string> patterns, ServiceRelations relations, int first)
    {
        var all = await supervisor.AskAsync(core => core.Services).ConfigureAwait(false);
        if (patterns.Count == 0)
            return await OutlinesAsync(PageOf(all, first, MaxOutlines), related: null).ConfigureAwait(false);
        // Not on the loop: patterns may be many, and are a caller's.
        var meant = Meant(all, patterns);
        if (relations == ServiceRelations.None || meant.Count == 0)
            return await OutlinesAsync(PageOf(meant, first, MaxOutlines), related: null).ConfigureAwait(false);
        var related = await supervisor.AskAsync(core => core.RelatedTo(meant, relations)).ConfigureAwait(false);
        var told = meant.Concat(related).ToHashSet(StringComparer.Ordinal);
        return await OutlinesAsync(PageOf([.. all.Where(told.Contains)], first, MaxOutlines), related).ConfigureAwait(false);
    }

    /// <summary>A page of what is known of all.</summary>
    public async Task<ServicePage<ServiceSnapshot>> SnapshotsAsync(int first)
    {
        var page = PageOf(await supervisor.AskAsync(core => core.Services).ConfigureAwait(false), first, MaxSnapshots);
        // No name would mean all.
        return page.Services.Count == 0 ? new([], true) : new(await supervisor.SnapshotsAsync(page.Services).ConfigureAwait(false), page.IsLast);
    }

    /// <summary>A page of something longer.</summary>
    public static ServicePage<string> PageOf(IReadOnlyList<string> all, int first, int most) =>
        new([.. all.Skip(first).Take(most)], first + most >= all.Count);

    private async Task<ServicePage<ServiceOutline>> OutlinesAsync(ServicePage<string> page, IReadOnlySet<string>? related)
    {
        var outlines = await supervisor.AskAsync<List<ServiceOutline>>(core => [.. page.Services.Select(core.Outline).OfType<ServiceOutline>()]).ConfigureAwait(false);
        if (related is not null)
            outlines = outlines.ConvertAll(outline => related.Contains(outline.Name) ? outline with { IsRelated = true } : outline);
        return new(outlines, page.IsLast);
    }

    private List<string> Meant(IReadOnlyList<string> all, IReadOnlyList<string> patterns)
    {
        var names = patterns.Where(pattern => !Glob.HasWildcard(pattern)).ToHashSet(StringComparer.Ordinal);
        var globs = patterns.Where(Glob.HasWildcard).ToArray();
        return [.. all.Where(name => IsMeant(name, services.Find(name)?.Family ?? name))];

        bool IsMeant(string name, string family) => names.Contains(name) || names.Contains(family)
            || Array.Exists(globs, glob => Glob.IsMatch(glob, name) || Glob.IsMatch(glob, family));
    }
}
