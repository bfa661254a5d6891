using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.OnATerminal;

/// <summary>The commands that there are, as <c>--help</c> tells them; those of <c>alert</c> with its name before theirs.</summary>
internal static class AllCommands
{
    public static async Task<IReadOnlyList<string>> OfAsync(Daemon daemon)
    {
        var commands = (await ListAsync(daemon)).Where(command => command != "alert");
        return [.. commands.Concat((await ListAsync(daemon, "alert")).Select(command => $"alert {command}")).Order(StringComparer.Ordinal)];
    }

    private static async Task<List<string>> ListAsync(Daemon daemon, params string[] of) =>
        [.. (await daemon.RunAsync([.. of, "--help"])).MustSucceed().Output.Split("Commands:")[1].Split('\n')
            .Where(line => line.Length > 2 && line.StartsWith("  ", StringComparison.Ordinal) && line[2] != ' ').Select(line => line.Trim().Split(' ')[0])];
}
