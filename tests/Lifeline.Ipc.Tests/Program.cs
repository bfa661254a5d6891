using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests;

/// <summary>Runs the tests, or plays the other process of a test.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        if (args is [OtherProcess.Marker, ..])
            return await OtherProgram.RunAsync(args[1..]);
        return args.Any(arg => arg is "-automated" or "@@")
            ? await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args)
            : await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
    }
}
