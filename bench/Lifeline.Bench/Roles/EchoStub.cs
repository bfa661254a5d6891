using Lifeline.Ipc;

namespace Lifeline.Bench.Roles;

/// <summary>Gives back what came.</summary>
internal sealed class EchoStub() : SynchronousStub("bench.IEcho")
{
    internal const int MessageBytes = 64;

    internal static int RunServer(string path)
    {
        using var serving = new Served(path, new EchoStub());
        return Measuring.Role.Serve(_ => "");
    }

    internal static int RunClient(string path, int callers, long pauseMicroseconds)
    {
        using var session = new Connected(path);
        IpcProxy echo = session.Root;
        var load = new Measuring.CallLoad(
            number =>
            {
                var data = new Parcel();
                var reply = new Parcel();
                byte[] message = new byte[MessageBytes];
                message[0] = (byte)number;
                return () =>
                {
                    data.Reset();
                    data.WriteBuffer(message);
                    echo.CallInto(1, data, reply);
                    if (reply.ReadBuffer(MessageBytes)[0] != message[0])
                        throw new InvalidOperationException("the reply of another call came");
                };
            },
            callers,
            pauseMicroseconds);
        return Measuring.Role.Serve(load.Go);
    }

    protected override void OnRequest(uint code, Parcel data, Parcel reply, CallContext context)
    {
        reply.WriteBuffer(data.ReadBuffer(MessageBytes));
    }
}
