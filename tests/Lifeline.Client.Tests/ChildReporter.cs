using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using Lifeline.Contracts;

namespace Lifeline.Client.Tests;

/// <summary>This test program as a service: reports as fast as it can and notes in a mapped file each report that returned, until it is killed.</summary>
internal static class ChildReporter
{
    public const string CounterVariable = "LIFELINE_TEST_COUNTER";

    [ModuleInitializer]
    internal static void RunIfAsked()
    {
        if (Environment.GetEnvironmentVariable(CounterVariable) is not { Length: > 0 } path)
            return;
        using var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open);
        using var counter = file.CreateViewAccessor(0, 8);
        var reporter = StatusReporter.Create();
        for (var number = 1L; ; number++)
        {
            reporter.Report(ServiceHealth.Healthy, number.ToString(CultureInfo.InvariantCulture));
            counter.Write(0, number);
        }
    }
}
