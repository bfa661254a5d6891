using Lifeline.Ipc;

namespace HelloStub;

/// <summary>The second process: a stub that greets and takes notes.</summary>
internal sealed class Greeter() : IpcStub(Interface)
{
    internal const string Name = "hello.greeter";
    internal const string Interface = "hello.IGreeter";
    internal const string ListenerInterface = "hello.IListener";
    internal const uint Greet = 1;
    internal const uint Note = 2;

    internal static async Task RunAsync(string registryPath)
    {
        await using var endpoint = new IpcEndpoint();
        IpcSession session = await endpoint.ConnectAsync(registryPath);
        await new RegistryClient(session.Root).AddAsync(Name, new Greeter());
        // Until the other process is gone.
        await session.Closed;
    }

    protected override ValueTask OnRequestAsync(uint code, Parcel data, Parcel reply, CallContext context)
    {
        data.EnforceInterface(Interface);
        switch (code)
        {
            case Greet:
                reply.WriteString($"Hello, {data.ReadString()}! This is process {Environment.ProcessId}.");
                break;
            case Note:
                string note = data.ReadString();
                using (IpcProxy listener = data.ReadProxy()!)
                    Tell(listener, $"noted: {note}");
                break;
            default:
                throw new IpcException(IpcError.CodeOutOfRange, $"{Interface} has no request {code}.");
        }

        return ValueTask.CompletedTask;
    }

    private static void Tell(IpcProxy listener, string text)
    {
        using var data = new Parcel();
        data.WriteInterfaceToken(ListenerInterface);
        data.WriteString(text);
        listener.Post(1, data);
    }
}
