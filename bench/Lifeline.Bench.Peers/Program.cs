// What else a .NET program would take, in the roles of Lifeline.Bench: Lifeline.Bench.Peers PEER ROLE ARGUMENTS
using System.Globalization;
using Lifeline.Bench.Measuring;
using Lifeline.Bench.Peers;

if (args is not [var name, .. var role] || Peer.Find(name) is not { } peer)
{
    Console.Out.WriteLine($"failed there is no peer {string.Join(' ', args)}");
    return 2;
}

switch (role)
{
    case ["call-server" or "large-server", var path]:
        await peer.ServeAsync(path, new ReportCount(1));
        return await ServeAsync(_ => "");
    case ["call-client", var path, var callers, var pause]:
    {
        Func<int, Func<byte[], byte[]>> connect = await peer.ConnectAsync(path);
        return await ServeAsync(new CallLoad(number => Echo(connect(number), number), Int(callers), Int(pause)).Go);
    }

    case ["large-client", var path]:
    {
        Func<byte[], byte[]> call = (await peer.ConnectAsync(path))(0);
        return await ServeAsync(new PayloadLoad(call).Go);
    }

    case ["report-receiver", var path, var senders]:
    {
        var count = new ReportCount(Int(senders));
        await peer.ServeAsync(path, count);
        return await ServeAsync(count.Answer);
    }

    case ["report-sender", var path, var number]:
    {
        Func<long, Task> send = await peer.OpenSenderAsync(path, Int(number));
        return await ServeAsync(words => Send(send, Role.Number(words[1])));
    }

    default:
        Console.Out.WriteLine($"failed {name} has no role {string.Join(' ', role)}");
        return 2;
}

static async Task<int> ServeAsync(Func<string[], string> answer)
{
    // Some libraries go on, after an await, on the thread that reads their connection; it must not be the one that waits for the bench.
    await Task.Yield();
    return Role.Serve(answer);
}

static Action Echo(Func<byte[], byte[]> call, int number)
{
    byte[] message = new byte[Peer.MessageBytes];
    message[0] = (byte)number;
    return () =>
    {
        if (call(message)[0] != message[0])
            throw new InvalidOperationException("the reply of another call came");
    };
}

static string Send(Func<long, Task> send, long messages)
{
    long began = Role.Now;
    long cpu = Role.Cpu;
    long allocated = GC.GetTotalAllocatedBytes();
    send(messages).GetAwaiter().GetResult();
    return $"began={began} cpu={Role.Cpu - cpu} alloc={GC.GetTotalAllocatedBytes() - allocated}";
}

static int Int(string text) => int.Parse(text, CultureInfo.InvariantCulture);
