using System.Diagnostics;

namespace Lifeline.Ipc.Tests.Fixtures;

/// <summary>Has Spin walk through every interleaving of a model. Needs spin and a C compiler, which ./test installs.</summary>
internal static class SpinModel
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    /// <summary>Walks through it.</summary>
    /// <returns>Spin's report.</returns>
    /// <param name="path">The model, from the repository's root.</param>
    /// <param name="defines">What is defined, between spaces.</param>
    internal static async Task<string> CheckAsync(string path, string defines)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, "spin"))), "spin is not installed (apt install spin)");
        using var folder = new TemporaryFolder();
        string[] arguments = [.. defines.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => "-D" + name)];
        await RunAsync(folder.Path, "spin", [.. arguments, "-a", Path.Combine(RepositoryFolder.Find(), path)]);
        await RunAsync(folder.Path, "cc", ["-O1", "-w", "-o", "pan", "pan.c"]);
        return await RunAsync(folder.Path, folder.File("pan"), ["-m100000"]);
    }

    /// <summary>Nothing went wrong, and nothing was left out.</summary>
    internal static void AssertHolds(string report)
    {
        Assert.Contains("errors: 0", report, StringComparison.Ordinal);
        Assert.DoesNotContain("Search not completed", report, StringComparison.Ordinal);
        Assert.DoesNotContain("max search depth too small", report, StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(string folder, string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync().WaitAsync(s_limit);
        await process.WaitForExitAsync().WaitAsync(s_limit);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {output}{await errors}");
        return output;
    }
}
