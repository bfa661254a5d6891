using Lifeline.Client;
using Lifeline.Contracts;
using Lifeline.Ipc;

namespace Lifeline.EndToEnd.Tests.Roles;

/// <summary>Offers a stub under a name in the monitor's registry, and is ready once it has the name.</summary>
internal static class NamedStub
{
    public const string Name = "shop.orders";

    public static void Run()
    {
        var endpoint = new IpcEndpoint();
        var session = endpoint.Connect(Environment.GetEnvironmentVariable("LIFELINE_SOCKET")!);
        var stub = new DelegateStub("shop.IOrders", (_, _, _, _) => ValueTask.CompletedTask);
        new RegistryClient(session.Root).AddAsync(Name, stub).AsTask().GetAwaiter().GetResult();
        var reporter = StatusReporter.Create();
        reporter.Ready();
        new ManualResetEventSlim().Wait();
    }
}
