using Lifeline.Client;
using Lifeline.Contracts;

namespace Lifeline.EndToEnd.Tests.Roles;

/// <summary>Writes numbered lines and reports the number; a line that cannot be written ends it.</summary>
internal static class WritingReporter
{
    public static void Run()
    {
        var reporter = StatusReporter.Create();
        using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        for (var number = 1; ; number++)
        {
            output.WriteLine($"line {number}");
            reporter.Report(ServiceHealth.Healthy, $"at {number}");
            pace.WaitForNextTickAsync().AsTask().GetAwaiter().GetResult();
        }
    }
}
