using System.Runtime.CompilerServices;

namespace Lifeline.EndToEnd.Tests.Roles;

/// <summary>The test program can also be a service: a variable of its environment says which one.</summary>
internal static class RoleStart
{
    public const string Variable = "LIFELINE_TEST_ROLE";

#pragma warning disable CA2255 // The test runner owns Main, and a role must begin before it.
    [ModuleInitializer]
    public static void Begin()
    {
        switch (Environment.GetEnvironmentVariable(Variable))
        {
            case "eager":
                EagerReporter.Run();
                break;
            case "large":
                LargeReporter.Run();
                break;
            case "keeping":
                Keeping.Run();
                break;
            case "listening":
                Listening.Run();
                break;
            case "overlapping":
                Overlapping.Run();
                break;
            case "named":
                NamedStub.Run();
                break;
            case "sessions":
                ManySessions.Run();
                break;
            case "writer":
                WritingReporter.Run();
                break;
            default:
                return;
        }

        Environment.Exit(0);
    }
#pragma warning restore CA2255

    /// <summary>The command of a service that plays a role: this very program.</summary>
    public static string Command => $"\"{Path.Combine(AppContext.BaseDirectory, "Lifeline.EndToEnd.Tests")}\"";
}
