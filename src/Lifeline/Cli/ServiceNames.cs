using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using Lifeline.Configuration;
using Lifeline.Contracts;
using Lifeline.Ipc;

namespace Lifeline.Cli;

/// <summary>Asks for services by name and says which name was probably meant. The name of several instances means all of them.</summary>
internal static class ServiceNames
{
    /// <summary>An argument for names; a shell completes it with those on the status board, which is there without a monitor too.</summary>
    public static Argument<string[]> Argument(CommandScope scope, string description, ArgumentArity arity)
    {
        // The help text shows the first name, not the services of the moment.
        var argument = new Argument<string[]>("NAME") { Description = description, Arity = arity, HelpName = "NAME" };
        argument.CompletionSources.Add(context => Known(scope, context.ParseResult));
        return argument;
    }

    /// <summary>The names on the status board, for a shell; none if there is no board.</summary>
    public static IEnumerable<CompletionItem> Known(CommandScope scope, ParseResult parsed)
    {
        try
        {
            var services = StaleBoard.TryRead(scope.Places(parsed)) ?? [];
            return services.Select(service => new CompletionItem(service.Name, detail: $"{JsonNames.Of(service.State)}, {JsonNames.Of(service.Health)}"));
        }
        catch (CliException)
        {
            // No folder to look into: a shell gets nothing to offer, and whoever runs the command is told why.
            return [];
        }
    }

    /// <summary>The services, in the order of the configuration; ends the command with 4 if one does not exist.</summary>
    public static async Task<IReadOnlyList<ServiceSnapshot>> StatusAsync(MonitorAdminProxy admin, IReadOnlyList<string> names, CancellationToken cancellation)
    {
        if (names.Count == 0) return await admin.StatusAsync(null, cancellation).ConfigureAwait(false);
        var known = await ServiceOutlines.AskAsync(admin, names, ServiceRelations.None, cancellation).ConfigureAwait(false);
        var wanted = (await ExpandAsync(admin, names, known, cancellation).ConfigureAwait(false)).ToHashSet(StringComparer.Ordinal);
        return await DetailsAsync(admin, known.Select(service => service.Name).Where(wanted.Contains), cancellation).ConfigureAwait(false);
    }

    /// <summary>What is told of services that are asked for by name: more than of all.</summary>
    public static async Task<IReadOnlyList<ServiceSnapshot>> DetailsAsync(MonitorAdminProxy admin, IEnumerable<string> names, CancellationToken cancellation)
    {
        var services = new List<ServiceSnapshot>();
        foreach (var some in names.Chunk(CallLimits.MaxNames))
            services.AddRange(await admin.StatusAsync(some, cancellation).ConfigureAwait(false));
        return services;
    }

    /// <summary>The names of the services that are meant; ends the command with 4 if one does not exist.</summary>
    public static async Task<IReadOnlyList<string>> ExpandAsync(MonitorAdminProxy admin, IReadOnlyList<string> names, CancellationToken cancellation) =>
        await ExpandAsync(admin, names, await ServiceOutlines.AskAsync(admin, names, ServiceRelations.None, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);

    /// <summary>The same, where those that may be meant are known already.</summary>
    public static async Task<IReadOnlyList<string>> ExpandAsync(
        MonitorAdminProxy admin, IReadOnlyList<string> names, IReadOnlyList<ServiceOutline> services, CancellationToken cancellation)
    {
        var known = services.Select(service => service.Name).ToArray();
        var meant = names.Select(name => (Name: name, Services: Meant(name, known).ToArray())).ToArray();
        await RefuseAsync(admin, [.. meant.Where(one => one.Services.Length == 0).Select(one => one.Name)], cancellation).ConfigureAwait(false);
        return [.. meant.SelectMany(one => one.Services).Distinct()];
    }

    /// <summary>Ends the command with 4 if a name, or a pattern with <c>*</c> and <c>?</c>, means no service.</summary>
    public static async Task CheckPatternsAsync(MonitorAdminProxy admin, IReadOnlyList<string> patterns, CancellationToken cancellation)
    {
        var known = (await ServiceOutlines.AskAsync(admin, patterns, ServiceRelations.None, cancellation).ConfigureAwait(false)).Select(service => service.Name).ToArray();
        string[] missing = [.. patterns.Where(pattern => Glob.HasWildcard(pattern) ? !known.Any(name => Glob.IsMatch(pattern, name) || Glob.IsMatch(pattern, FamilyOf(name))) : !Meant(pattern, known).Any())];
        await RefuseAsync(admin, missing, cancellation).ConfigureAwait(false);
    }

    /// <summary>The name of all instances of a service; its own if it is none.</summary>
    public static string FamilyOf(string name) => name.LastIndexOf('.') is var dot and > 0 ? name[..dot] : name;

    /// <summary>The services that are meant by a name: itself, or all its instances.</summary>
    public static IEnumerable<string> Meant(string name, IEnumerable<string> services)
    {
        var instances = new List<string>();
        foreach (var service in services)
        {
            if (service == name) return [name];
            if (IsInstance(service, name)) instances.Add(service);
        }
        return instances;
    }

    private static bool IsInstance(string service, string name) =>
        service.Length > name.Length + 1 && service[name.Length] == '.' && service.StartsWith(name, StringComparison.Ordinal)
        && int.TryParse(service.AsSpan(name.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static async Task RefuseAsync(MonitorAdminProxy admin, string[] missing, CancellationToken cancellation)
    {
        if (missing.Length == 0) return;
        // Only now everybody's name is needed: one of them was probably meant.
        var all = await ServiceOutlines.AskAsync(admin, [], ServiceRelations.None, cancellation).ConfigureAwait(false);
        string[] services = [.. all.Select(service => service.Name)];
        var hint = missing.Length == 1 ? NearestName.Hint(missing[0], services) : null;
        hint ??= services.Length == 0 ? "there are no services" : $"there are: {string.Join(", ", services.Take(20))}{(services.Length > 20 ? ", …" : "")}";
        throw new CliException(ExitCode.NoSuchService, $"there is no service {Quoted.List(missing)}", hint);
    }
}
