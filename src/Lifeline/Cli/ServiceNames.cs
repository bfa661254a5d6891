using System.CommandLine;
using System.CommandLine.Completions;
using Lifeline.Configuration;
using Lifeline.Contracts;
using Lifeline.Ipc;

namespace Lifeline.Cli;

/// <summary>Asks for services by name and says which name was probably meant.</summary>
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
