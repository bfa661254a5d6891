using System.Diagnostics;

namespace Lifeline.Ipc.Tests.Fixtures;

/// <summary>A program of another project of tests, which is built beside this one.</summary>
internal static class SiblingProgram
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    /// <summary>Runs it to its end.</summary>
    /// <param name="project">The project.</param>
    /// <param name="arguments">The arguments.</param>
    /// <returns>The exit code, and what it wrote.</returns>
    internal static async Task<(int Code, string Output)> RunAsync(string project, params string[] arguments)
    {
        string folder = AppContext.BaseDirectory.Replace("Lifeline.Ipc.Tests", project, StringComparison.Ordinal);
        var start = new ProcessStartInfo(Path.Combine(folder, project), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(s_limit);
            return (process.ExitCode, await output + await errors);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
