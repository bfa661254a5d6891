using System.Text;
using Lifeline.Contracts;
using Lifeline.Ipc;

namespace Lifeline.Cli;

/// <summary>Asks who there is, for commands that need no more: the monitor looks at no process for it.</summary>
internal static class ServiceOutlines
{
    /// <summary>
    /// At least the services that are meant by some names and patterns, and their relatives, in the order of the configuration; what
    /// means nothing is no error. No name: all.
    /// </summary>
    public static async Task<IReadOnlyList<ServiceOutline>> AskAsync(
        MonitorAdminProxy admin, IReadOnlyList<string> patterns, ServiceRelations relations, CancellationToken cancellation)
    {
        try
        {
            return await admin.ListAsync(Fits(patterns) ? patterns : [], relations, cancellation).ConfigureAwait(false);
        }
        catch (IpcException e) when (e.Error == IpcError.CodeOutOfRange)
        {
            // A monitor of an earlier version: its status says it too, of all at once.
            return [.. (await admin.StatusAsync(null, cancellation).ConfigureAwait(false)).Select(Of)];
        }
    }

    /// <summary>The same of a service of which more is known.</summary>
    public static ServiceOutline Of(ServiceSnapshot service) => new()
    {
        Name = service.Name,
        State = service.State,
        Health = service.Health,
        Pid = service.Pid,
        Generation = service.Generation,
        DependsOn = service.DependsOn,
    };

    // What does not fit into a request is looked for among all.
    private static bool Fits(IReadOnlyList<string> patterns) =>
        patterns.Count <= CallLimits.MaxNames && patterns.All(pattern => Encoding.UTF8.GetByteCount(pattern) <= CallLimits.MaxNameBytes);
}
