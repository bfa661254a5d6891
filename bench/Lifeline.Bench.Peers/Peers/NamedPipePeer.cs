using System.Buffers.Binary;
using System.IO.Pipes;
using Lifeline.Bench.Measuring;

namespace Lifeline.Bench.Peers;

/// <summary>.NET named pipes, a thread for each connection. The first byte tells calls from reports; each call has its length in front.</summary>
internal sealed class NamedPipePeer : Peer
{
    private const byte Calls = 1;
    private const byte Reports = 2;

    internal override Task ServeAsync(string path, ReportCount count)
    {
        // The pipe is there when this returns: the first instance makes it.
        NamedPipeServerStream first = Listen(path);
        new Thread(() => Accept(path, first, count)) { IsBackground = true }.Start();
        return Task.CompletedTask;
    }

    internal override Task<Func<int, Func<byte[], byte[]>>> ConnectAsync(string path) => Task.FromResult<Func<int, Func<byte[], byte[]>>>(_ =>
    {
        NamedPipeClientStream pipe = Open(path, Calls);
        byte[] head = new byte[4];
        return request =>
        {
            BinaryPrimitives.WriteInt32LittleEndian(head, request.Length);
            pipe.Write(head);
            pipe.Write(request);
            return ReadFrame(pipe, head);
        };
    });

    internal override Task<Func<long, Task>> OpenSenderAsync(string path, int number)
    {
        NamedPipeClientStream pipe = Open(path, Reports);
        byte[] report = Report(number);
        return Task.FromResult<Func<long, Task>>(messages =>
        {
            for (long i = 0; i < messages; i++)
            {
                Stamp(report, i);
                pipe.Write(report);
            }

            return Task.CompletedTask;
        });
    }

    private static NamedPipeClientStream Open(string path, byte kind)
    {
        var pipe = new NamedPipeClientStream(".", path, PipeDirection.InOut);
        pipe.Connect(TimeSpan.FromSeconds(10));
        pipe.WriteByte(kind);
        return pipe;
    }

    private static NamedPipeServerStream Listen(string path) => new(path, PipeDirection.InOut, NamedPipeServerStream.MaxAllowedServerInstances);

    private static void Accept(string path, NamedPipeServerStream pipe, ReportCount count)
    {
        while (true)
        {
            pipe.WaitForConnection();
            NamedPipeServerStream connected = pipe;
            new Thread(() => Serve(connected, count)) { IsBackground = true }.Start();
            pipe = Listen(path);
        }
    }

    private static void Serve(NamedPipeServerStream pipe, ReportCount count)
    {
        if (pipe.ReadByte() == Reports)
        {
            byte[] buffer = new byte[64 << 10];
            int held = 0;
            while (pipe.Read(buffer.AsSpan(held)) is var got and > 0)
            {
                held += got;
                int used = 0;
                for (; held - used >= MessageBytes; used += MessageBytes)
                    Count(count, buffer.AsSpan(used, MessageBytes));
                buffer.AsSpan(used, held - used).CopyTo(buffer);
                held -= used;
            }

            return;
        }

        byte[] head = new byte[4];
        try
        {
            while (true)
            {
                byte[] reply = Answer(ReadFrame(pipe, head));
                BinaryPrimitives.WriteInt32LittleEndian(head, reply.Length);
                pipe.Write(head);
                pipe.Write(reply);
            }
        }
        catch (EndOfStreamException)
        {
            // The client is gone.
        }
    }

    private static byte[] ReadFrame(PipeStream pipe, byte[] head)
    {
        pipe.ReadExactly(head);
        byte[] frame = new byte[BinaryPrimitives.ReadInt32LittleEndian(head)];
        pipe.ReadExactly(frame);
        return frame;
    }
}
