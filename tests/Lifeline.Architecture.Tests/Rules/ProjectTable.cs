namespace Lifeline.Architecture.Tests.Rules;

/// <summary>What one project may use.</summary>
/// <param name="Name">The project, as its file is called.</param>
/// <param name="Projects">Projects that it may name in a ProjectReference.</param>
/// <param name="Packages">Packages that it may name in a PackageReference.</param>
/// <param name="Through">Our assemblies that its code may use besides, because those above hand out their types.</param>
internal sealed record ProjectLimits(string Name, string[] Projects, string[] Packages, string[] Through);

/// <summary>The table "may use directly" of the design, §2.</summary>
internal static class ProjectTable
{
    /// <summary>The executable: the only place where things are put together, and used by nobody.</summary>
    internal const string Executable = "Lifeline";

    internal static readonly ProjectLimits[] Sources =
    [
        new("Lifeline.Linux", [], [], []),
        new("Lifeline.Ipc", ["Lifeline.Linux"], ["Microsoft.Extensions.Logging.Abstractions"], []),
        new("Lifeline.Contracts", ["Lifeline.Ipc"], [], ["Lifeline.Linux"]),
        new("Lifeline.Client", ["Lifeline.Contracts", "Lifeline.Ipc"], [], ["Lifeline.Linux"]),
        new("Lifeline.Client.Hosting", ["Lifeline.Client"], ["Microsoft.Extensions.Hosting.Abstractions", "Microsoft.Extensions.Diagnostics.HealthChecks"], ["Lifeline.Contracts"]),
        new("Lifeline.Ipc.CApi", ["Lifeline.Client", "Lifeline.Ipc"], [], ["Lifeline.Linux", "Lifeline.Contracts"]),
        new("Lifeline.Monitor", ["Lifeline.Contracts"], [], []),
        new(
            Executable,
            ["Lifeline.Client", "Lifeline.Contracts", "Lifeline.Ipc", "Lifeline.Linux", "Lifeline.Monitor"],
            ["MailKit", "Microsoft.AspNetCore.OpenApi", "Microsoft.Data.Sqlite", "Spectre.Console", "System.CommandLine", "System.IO.Hashing", "Tomlyn", "YamlDotNet"],
            []),
        new("Lifeline.Fleet", ["Lifeline.Contracts"], ["NATS.Net"], ["Lifeline.Ipc"]),
    ];

    /// <summary>What a program of somebody else may use: samples are written like one.</summary>
    internal static readonly string[] ForSamples = ["Lifeline.Linux", "Lifeline.Ipc", "Lifeline.Contracts", "Lifeline.Client", "Lifeline.Client.Hosting"];

    internal static ProjectLimits? Find(string name) => Array.Find(Sources, p => p.Name == name);
}
