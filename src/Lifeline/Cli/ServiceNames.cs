using Lifeline.Configuration;
using Lifeline.Contracts;
using Lifeline.Ipc;

namespace Lifeline.Cli;

/// <summary>Asks for services by name and says which name was probably meant.</summary>
internal static class ServiceNames
{
    /// <summary>The services, in the order of the configuration; ends the command with 4 if one does not exist.</summary>
    public static async Task<IReadOnlyList<ServiceSnapshot>> StatusAsync(MonitorAdminProxy admin, IReadOnlyList<string> names, CancellationToken cancellation)
    {
        var all = await admin.StatusAsync(null, cancellation).ConfigureAwait(false);
        if (names.Count == 0) return all;
        Check(names, all);
        return [.. all.Where(service => names.Contains(service.Name))];
    }

    /// <summary>The names of all services, in the order of the configuration; ends the command with 4 if one of those given does not exist.</summary>
    public static async Task<IReadOnlyList<string>> CheckAsync(MonitorAdminProxy admin, IReadOnlyList<string> names, CancellationToken cancellation)
    {
        var all = await admin.StatusAsync(null, cancellation).ConfigureAwait(false);
        Check(names, all);
        return [.. all.Select(service => service.Name)];
    }

    private static void Check(IReadOnlyList<string> names, IReadOnlyList<ServiceSnapshot> services)
    {
        var missing = names.Where(name => services.All(service => service.Name != name)).ToArray();
        if (missing.Length == 0) return;
        var hint = missing.Length == 1 ? NearestName.Hint(missing[0], services.Select(service => service.Name)) : null;
        hint ??= services.Count == 0 ? "there are no services" : $"there are: {string.Join(", ", services.Take(20).Select(service => service.Name))}{(services.Count > 20 ? ", …" : "")}";
        throw new CliException(ExitCode.NoSuchService, $"there is no service {Quoted.List(missing)}", hint);
    }
}
