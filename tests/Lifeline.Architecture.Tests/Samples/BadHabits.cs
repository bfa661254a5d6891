using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Lifeline.Architecture.Tests.Samples;

/// <summary>Everything that the rules for assemblies forbid, so that the tests of the rules have something to find. Never run.</summary>
public static class BadHabits
{
    [DllImport("libc", EntryPoint = "getpid")]
    private static extern int AskTheKernel();

    internal static async Task<string> DoEverythingWrong()
    {
        var promise = new TaskCompletionSource<int>();
        var another = new TaskCompletionSource();
        another.SetResult();
        promise.SetResult(AskTheKernel());
        await Task.Delay(1);
        await Task.Delay(TimeSpan.Zero, CancellationToken.None);
        Thread.Yield();
        Stored("tail");
        using Process self = Process.GetCurrentProcess();
        using var client = new HttpClient();
        return File.ReadAllText("/dev/null") + DateTime.Now + DateTimeOffset.UtcNow + Stopwatch.GetTimestamp() + self.Id;
    }

    private static void Stored(string what) => Environment.FailFast(what);

    internal static async Task DoItRight(TimeProvider time)
    {
        var promise = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        promise.SetResult(1);
        await Task.Delay(TimeSpan.Zero, time, CancellationToken.None);
    }
}
