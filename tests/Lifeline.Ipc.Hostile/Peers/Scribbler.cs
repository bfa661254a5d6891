using System.Diagnostics;
using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Rings;
using Lifeline.Linux;

namespace Lifeline.Ipc.Hostile.Peers;

/// <summary>
/// Shares memory with the victim and writes over it while it is read: indexes, flags, lengths, kinds, contents; some of it noise,
/// most of it nearly right. When the victim has had enough, the next session begins.
/// </summary>
internal static unsafe class Scribbler
{
    private static readonly TimeSpan s_sessionLimit = TimeSpan.FromMilliseconds(300);

    // Where everything is wrong at once, the first thing ends the session.
    private enum Style
    {
        Indexes,
        Contents,
        Everything,
    }

    internal static int Run(string path, TimeSpan duration, int seed)
    {
        var random = new Random(seed);
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < duration)
        {
            using RawSession? session = RawSession.TryConnect(path, rings: true, life: random.Next(2) == 0);
            if (session is not { HasRings: true })
                continue;
            Torment(session, random.Next());
        }

        return 0;
    }

    /// <summary>The same against those who connect.</summary>
    internal static int Listen(string path, TimeSpan duration, int seed)
    {
        var random = new Random(seed);
        using UnixSocket listener = UnixSocket.Listen(path, UnixSocketType.SeqPacket);
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < duration)
        {
            if (!Poller.IsReady(listener, PollEvents.In, 100))
                continue;
            using UnixSocket socket = listener.Accept();
            using RawSession? session = RawSession.TryAccept(socket);
            if (session is not { HasRings: true })
                continue;
            Torment(session, random.Next());
        }

        return 0;
    }

    private static void Torment(RawSession session, int seed)
    {
        using var stop = new CancellationTokenSource();
        var random = new Random(seed);
        var style = (Style)random.Next(3);
        var other = new Thread(() => Scribble(session, new Random(seed ^ 1), style, stop.Token)) { Name = "scribbler" };
        other.Start();
        ulong calls = 0;
        long started = Stopwatch.GetTimestamp();
        while (!session.IsOver() && Stopwatch.GetElapsedTime(started) < s_sessionLimit)
        {
            byte[] record = style == Style.Everything
                ? Mutations.Record(random)
                : RawSession.Record(new RecordHeader { Kind = RecordKind.Call, Id = ++calls, Target = 1, Code = VictimCodes.Increment }, BitConverter.GetBytes(1));
            if (!session.TrySend(record))
                Thread.Yield();
            if (random.Next(4) == 0)
                session.Bell();
        }

        stop.Cancel();
        other.Join();
    }

    private static void Scribble(RawSession session, Random random, Style style, CancellationToken stop)
    {
        // The indexes stay in order for a while, so that the victim gets to see what is in the rings.
        int patience = random.Next(2000);
        for (int i = 0; !stop.IsCancellationRequested; i++)
        {
            if (style != Style.Indexes && (style == Style.Everything || i > patience))
                ScribbleContents(session, random);
            if (style != Style.Contents && i > patience && random.Next(50) == 0)
                ScribblePage(session, random);
            if (i > patience && random.Next(500) == 0 && session.LifeWords is { IsEmpty: false } words)
                words[random.Next(words.Length)] = random.Next(3) == 0 ? Futex.HasWaiters | Futex.OwnerDied : (uint)Mutations.Number(random);
            if (random.Next(16) == 0)
                Thread.Yield();
        }
    }

    private static void ScribbleContents(RawSession session, Random random)
    {
        byte* data = (random.Next(8) == 0 ? session.Receiving : session.Sending).Data;
        ulong tail = Volatile.Read(ref session.Sending.Tail);
        int around = (int)((tail + (ulong)(random.Next(64) * 8) - 256) % RawSession.RingBytes) & ~7;
        int at = random.Next(2) == 0 ? around : random.Next(RawSession.RingBytes / 8) * 8;
        switch (random.Next(5))
        {
            case 0:
                *(ulong*)(data + at) = (uint)random.Next(600) | ((ulong)random.Next(9) << 32);
                break;
            case 1:
                *(ulong*)(data + at) = (ulong)Mutations.Number(random);
                break;
            case 2:
                byte[] record = Mutations.Record(random);
                int length = Math.Min(record.Length, RawSession.RingBytes - at - 8);
                if (length <= 0)
                    break;
                record.AsSpan(0, length).CopyTo(new Span<byte>(data + at + 8, length));
                *(ulong*)(data + at) = (uint)record.Length | (1UL << 32);
                break;
            case 3:
                data[random.Next(RawSession.RingBytes)] ^= (byte)(1 << random.Next(8));
                break;
            default:
                *(uint*)(data + at + 4) = (uint)random.Next(4);
                break;
        }
    }

    private static void ScribblePage(RawSession session, Random random)
    {
        ref ulong tail = ref session.Sending.Tail;
        ref ulong head = ref session.Receiving.Head;
        switch (random.Next(8))
        {
            case 0:
                Volatile.Write(ref tail, tail + (ulong)(random.Next(200) * 8));
                break;
            case 1:
                Volatile.Write(ref tail, tail + (ulong)Mutations.Number(random));
                break;
            case 2:
                Volatile.Write(ref head, session.Receiving.Tail - (ulong)random.Next(512));
                break;
            case 3:
                Volatile.Write(ref head, head + (ulong)Mutations.Number(random));
                break;
            case 4:
                session.Sending.Sleeping = (int)Mutations.Number(random);
                break;
            case 5:
                session.Receiving.Waiting = (int)Mutations.Number(random);
                break;
            default:
                // Any word of the page, whatever it is for.
                *(ulong*)(session.Page + (random.Next(RingMemory.HeaderBytes / 8) * 8)) = (ulong)Mutations.Number(random);
                break;
        }
    }
}
