namespace Lifeline.Architecture.Tests.Rules;

/// <summary>Judges compiled assemblies: what really is used, whatever the project files say.</summary>
internal static class AssemblyRules
{
    // The core decides; it neither touches the world nor reads a clock.
    private static readonly string[] NotForTheCore =
    [
        "System.Diagnostics.Process", "System.Diagnostics.Stopwatch", "System.IO.", "System.Net.", "System.Threading.Thread", "System.Threading.Timer",
        "System.Threading.PeriodicTimer", "System.TimeProvider", "System.Environment", "System.Console", "Microsoft.Data.Sqlite.", "Lifeline.Linux.", "Lifeline.Ipc.",
    ];

    // In-memory ends of System.IO touch nothing outside.
    private static readonly string[] HarmlessForTheCore =
    [
        "System.IO.Stream", "System.IO.MemoryStream", "System.IO.TextReader", "System.IO.TextWriter", "System.IO.StringReader", "System.IO.StringWriter", "System.IO.InvalidDataException",
    ];

    // Contracts are parcels and values: who carries them is the business of others.
    private static readonly string[] NotForContracts =
    [
        "Lifeline.Ipc.IpcEndpoint", "Lifeline.Ipc.IpcRegistry", "Lifeline.Ipc.RegistryHost", "Lifeline.Linux.UnixSocket", "Lifeline.Linux.ProcessSpawner", "Lifeline.Linux.Poller",
        "Lifeline.Linux.Epoll", "System.IO.File", "System.IO.Directory", "System.Net.", "System.Threading.Thread", "System.Threading.Timer",
    ];

    private static readonly string[] NotForLibraries =
    [
        "Microsoft.Extensions.DependencyInjection.", "Microsoft.Extensions.Hosting.", "Microsoft.Data.Sqlite.", "System.Net.Http.", "System.Net.Sockets.", "Spectre.", "Tomlyn.",
    ];

    /// <summary>Assemblies of ours, and packages, that a project uses without being allowed to.</summary>
    internal static IEnumerable<string> Layers(AssemblyFile assembly, ProjectLimits limits)
    {
        string[] ours = [.. limits.Projects, .. limits.Through];
        foreach (string used in assembly.Assemblies)
        {
            if (used.StartsWith("Lifeline", StringComparison.OrdinalIgnoreCase) && !ours.Contains(used))
                yield return $"{assembly.Name} uses the assembly {used}; the table of projects (design §2) allows: {string.Join(", ", ours)}.";
        }
    }

    /// <summary>Types that lie outside of what a project is for.</summary>
    internal static IEnumerable<string> Types(AssemblyFile assembly, string project)
    {
        string[] forbidden = project switch
        {
            "Lifeline.Monitor" => NotForTheCore,
            "Lifeline.Contracts" => [.. NotForContracts, .. NotForLibraries],
            "Lifeline.Linux" or "Lifeline.Ipc" or "Lifeline.Client" => NotForLibraries,
            _ => [],
        };
        foreach (string type in assembly.Types)
        {
            string? rule = Array.Find(forbidden, f => f.EndsWith('.') ? type.StartsWith(f, StringComparison.Ordinal) : type == f);
            bool harmless = project == "Lifeline.Monitor" && HarmlessForTheCore.Contains(type);
            if (rule is not null && !harmless)
                yield return $"{assembly.Name} uses {type}, which {project} must not ({rule}).";
        }

        foreach (string type in assembly.Types.Where(t => t is "System.Diagnostics.Process" or "System.Diagnostics.ProcessStartInfo"))
            yield return $"{assembly.Name} uses {type}: processes are started and watched through Lifeline.Linux.";
        if (assembly.Types.Contains("System.Runtime.CompilerServices.AsyncVoidMethodBuilder"))
            yield return $"{assembly.Name} has an asynchronous method that returns void: its exception would end the process.";
    }

    /// <summary>Calls that nobody makes in src.</summary>
    internal static IEnumerable<string> Calls(AssemblyFile assembly, string project)
    {
        foreach (UsedMember member in assembly.Members)
        {
            string? why = (member.Type, member.Name) switch
            {
                ("System.DateTime" or "System.DateTimeOffset", "get_Now" or "get_UtcNow" or "get_Today") => "the wall clock comes from an injected TimeProvider",
                ("System.Threading.Thread", "Sleep") => "wait on an event",
                ("System.Threading.Tasks.Task", "Delay") when project == "Lifeline.Monitor" => "the core gets the time with its events",
                ("System.Threading.Tasks.Task", "Delay") when !member.ParameterTypes.Contains("System.TimeProvider") => "give Task.Delay a TimeProvider",
                ("System.Threading.Tasks.TaskCompletionSource" or "System.Threading.Tasks.TaskCompletionSource`1", ".ctor")
                    when !member.ParameterTypes.Contains("System.Threading.Tasks.TaskCreationOptions") => "without RunContinuationsAsynchronously the waiter runs inside of SetResult",
                _ => null,
            };
            if (why is not null)
                yield return $"{assembly.Name} calls {member.Type}.{member.Name} with {member.Parameters} parameters: {why}.";
        }
    }

    /// <summary>System calls are made on the ground floor only.</summary>
    internal static IEnumerable<string> NativeMethods(AssemblyFile assembly, string project) =>
        project == "Lifeline.Linux" ? [] : assembly.NativeMethods.Select(m => $"{assembly.Name} has the P/Invoke {m}: these belong into Lifeline.Linux.");

    /// <summary>The hooks that end a process between two stores are partial methods, which exist only where the test build gives them a body.</summary>
    internal static IEnumerable<string> Hooks(AssemblyFile assembly) =>
        from method in assembly.Methods
        where method.EndsWith(".Stored", StringComparison.Ordinal) || method.Contains("Mortality", StringComparison.Ordinal)
        select $"{assembly.Name} has {method}: this hook belongs into the test build (Lifeline.Ipc.Hostile) only.";

    /// <summary>A library has one namespace: folders only group its files.</summary>
    internal static IEnumerable<string> Namespaces(AssemblyFile assembly, string project) =>
        project == ProjectTable.Executable
            ? []
            : assembly.PublicTypes.Where(t => t.Namespace != project).Select(t => $"{assembly.Name} has the public type {t.Namespace}.{t.Name}: public types of a library are in the namespace {project}.");
}
