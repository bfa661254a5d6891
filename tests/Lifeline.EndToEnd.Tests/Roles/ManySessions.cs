using System.Globalization;
using Lifeline.Contracts;
using Lifeline.Ipc;

namespace Lifeline.EndToEnd.Tests.Roles;

/// <summary>Holds many sessions with the monitor. Each of them reports twice, all at once; then it says how many reports were answered.</summary>
internal static class ManySessions
{
    public const int Sessions = 300;
    public const int Reports = 2 * Sessions;

    // On this thread alone: a role runs before the program has begun, and until it has no other thread may run code of its own.
    public static void Run()
    {
        var endpoint = new IpcEndpoint(new IpcEndpointOptions { Workers = 1 });
        var monitors = new List<ServiceMonitorProxy>();
        for (var session = 0; session < Sessions; session++)
        {
            var registry = new RegistryClient(endpoint.Connect(Environment.GetEnvironmentVariable("LIFELINE_SOCKET")!).Root);
            monitors.Add(new ServiceMonitorProxy(registry.GetAsync(ServiceMonitorCodes.RegistryName).AsTask().GetAwaiter().GetResult()));
        }

        var answers = new Task[Reports];
        for (var number = 0; number < Reports; number++)
            answers[number] = monitors[number % Sessions].ReportAsync(new StatusReport { Health = ServiceHealth.Healthy, Text = string.Create(CultureInfo.InvariantCulture, $"report {number}") });
        var answered = 0;
        foreach (var answer in answers)
        {
            try
            {
                answer.GetAwaiter().GetResult();
                answered++;
            }
            catch (IpcException e)
            {
                Console.WriteLine($"refused: {e.Message}");
            }
        }

        Console.WriteLine($"answered {answered} of {Reports}");
        new ManualResetEventSlim().Wait();
        GC.KeepAlive(endpoint);
    }
}
