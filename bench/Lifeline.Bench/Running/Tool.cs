using System.Diagnostics;

namespace Lifeline.Bench.Running;

/// <summary>Runs other programs to their end: compilers.</summary>
internal static class Tool
{
    /// <summary>Whether a program is on the PATH.</summary>
    internal static bool Exists(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <exception cref="BenchException">It failed; with the end of what it wrote.</exception>
    internal static async Task RunAsync(string folder, string[] command, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            string text = (await output + await errors).Trim();
            if (process.ExitCode != 0)
                throw new BenchException($"{string.Join(' ', command)} failed:\n{text[Math.Max(0, text.Length - 2000)..]}");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
