using Lifeline.Ipc.Hostile.Faults;
using Lifeline.Linux;

namespace Lifeline.Ipc.Hostile.Peers;

/// <summary>Peers that speak the protocol as they should, with the kit itself, until they die of a store.</summary>
internal static class DyingPeer
{
    private const int FirstMessages = 3;
    private const int LargeMessage = 150_000;

    /// <summary>Posts numbered messages of all sizes until the store kills it.</summary>
    internal static async Task<int> SendAsync(string path, int stream, string point, int times, int ringBytes, int counter)
    {
        using Descriptor inherited = Descriptor.Adopt(counter);
        using var block = SharedBlock.FromDescriptor(inherited, 4096);
        using SharedMap map = block.Map();
        Mortality.CountIn(map);
        await using var endpoint = new IpcEndpoint(new IpcEndpointOptions { RingBytes = ringBytes });
        IpcSession session = await endpoint.ConnectAsync(path);
        for (int number = 0; !session.IsClosed; number++)
        {
            // The first ones arrive in peace, so that the victim has seen this peer well.
            if (number == FirstMessages)
                Mortality.DieAt(point, times);
            using var data = new Parcel();
            data.WriteInt32(stream);
            data.WriteInt32(number);
            // Most go into the ring, with a skip now and then; some through the socket.
            data.WriteBytes(VictimCodes.Contents(number, number % 7 == 6 ? LargeMessage : number * 97 % 700));
            await session.Root.PostAsync(VictimCodes.Numbered, data, TimeSpan.FromSeconds(20));
            // A ring that empties now and then: then the victim sleeps and is woken.
            if (number % 5 == 4)
                Thread.Yield();
        }

        return 1;
    }

    /// <summary>Asks for large answers until a store while taking them kills it.</summary>
    internal static async Task<int> ReceiveAsync(string path, string point, int times, int ringBytes)
    {
        await using var endpoint = new IpcEndpoint(new IpcEndpointOptions { RingBytes = ringBytes });
        IpcSession session = await endpoint.ConnectAsync(path);
        for (int number = 0; !session.IsClosed; number++)
        {
            if (number == FirstMessages)
                Mortality.DieAt(point, times);
            using var data = new Parcel();
            data.WriteInt32(number * 1231 % 30_000);
            (await session.Root.CallAsync(VictimCodes.Bulk, data)).Dispose();
        }

        return 1;
    }

    /// <summary>Calls and posts until it is killed: to be stopped in the middle.</summary>
    internal static async Task<int> ChatAsync(string path)
    {
        await using var endpoint = new IpcEndpoint();
        IpcSession session = await endpoint.ConnectAsync(path);
        while (!session.IsClosed)
        {
            try
            {
                using var data = new Parcel();
                data.WriteInt32(5000);
                (await session.Root.CallAsync(VictimCodes.Bulk, data)).Dispose();
            }
            catch (IpcException)
            {
                // The session is over.
            }
        }

        return 0;
    }
}
