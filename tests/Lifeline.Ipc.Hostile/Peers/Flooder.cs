using System.Buffers.Binary;
using System.Diagnostics;
using Lifeline.Ipc.Protocol;
using Lifeline.Linux;

namespace Lifeline.Ipc.Hostile.Peers;

/// <summary>Wants more of something than anybody has.</summary>
internal static class Flooder
{
    private const int Tens = 10;
    private const int WithinWindow = 900;
    private const int IdleMilliseconds = 50;

    private static readonly TimeSpan s_mostForOne = TimeSpan.FromSeconds(60);

    private static ulong s_calls;
    private static ulong s_handles = 1;

    internal static int Run(string kind, string path, TimeSpan duration)
    {
        long started = Stopwatch.GetTimestamp();
        int ends = 0;
        int fewest = FewestEnds(kind);
        bool IsTime() => Stopwatch.GetElapsedTime(started) < (ends < fewest ? s_mostForOne : duration);
        for (bool rings = true; IsTime(); rings = !rings)
        {
            using RawSession? session = RawSession.TryConnect(path, rings);
            if (session is null)
                continue;
            for (int i = 0; IsTime() && !session.IsOver(); i++)
            {
                // Within the window, and then nothing for ever.
                if (i >= WithinWindow && (kind is "never-read" or "hang"))
                    Poller.IsReady(session.Socket, PollEvents.None, IdleMilliseconds);
                else
                    Step(kind, session);
            }

            if (session.IsOver())
                ends++;
        }

        return 0;
    }

    // At least one session is ended by the victim, but where there is nothing to end it for; several where there are several reasons.
    private static int FewestEnds(string kind) => kind switch
    {
        "never-read" or "hang" or "doorbells" => 0,
        "lengths" => 16,
        _ => 1,
    };

    private static void Step(string kind, RawSession session)
    {
        switch (kind)
        {
            case "never-read":
                Demand(session, VictimCodes.Bulk, 100_000);
                break;
            case "hang":
                Demand(session, VictimCodes.Hang, 0);
                break;
            case "descriptors":
                SendDescriptors(session);
                break;
            case "stubs":
                SendStubs(session);
                break;
            case "lengths":
                SendLengths(session);
                break;
            case "tickets":
                SendTickets(session);
                break;
            case "doorbells":
                for (int i = 0; i < Tens; i++)
                    session.Bell();
                break;
            case "credit":
                SendAll(session, RawSession.Record(new RecordHeader { Kind = RecordKind.Credit, Id = int.MaxValue / 4, Target = int.MaxValue / 4 }, []));
                break;
            case "window":
                // More than the window allows.
                Demand(session, VictimCodes.Increment, 1);
                break;
            default:
                throw new ArgumentException($"no flood of {kind}");
        }
    }

    private static void Demand(RawSession session, uint code, int value) =>
        SendAll(session, RawSession.Record(new RecordHeader { Kind = RecordKind.Call, Id = ++s_calls, Target = 1, Code = code }, BitConverter.GetBytes(value)));

    private static void SendAll(RawSession session, byte[] record, params ReadOnlySpan<Descriptor> descriptors)
    {
        if (!session.TrySend(record, descriptors))
            session.IsOver(1);
    }

    private static void SendDescriptors(RawSession session)
    {
        const int count = 253;
        using Descriptor nothing = Descriptor.Open("/dev/null", OpenFlags.ReadWrite);
        Descriptor[] all = new Descriptor[count];
        Array.Fill(all, nothing);
        byte[] data = new byte[count * 24];
        int[] offsets = new int[count];
        for (int i = 0; i < count; i++)
        {
            offsets[i] = i * 24;
            new WireObject(WireObjectKind.Descriptor, (ulong)i).Write(data.AsSpan(i * 24));
        }

        // In turn: right, fewer than announced, beside the socket's order, to a stub that does not exist.
        s_calls++;
        var header = new RecordHeader { Kind = RecordKind.OneWay, Target = 1, Code = VictimCodes.Descriptors, DescriptorCount = count };
        switch (s_calls % 40)
        {
            case 10:
                SendAll(session, RawSession.Record(header, data, offsets), all.AsSpan(1));
                break;
            case 20:
                session.Socket.TrySend(RawSession.Record(header, data, offsets), all, wait: false, out _);
                session.Socket.TrySend([0], all, wait: false, out _);
                break;
            case 30:
                SendAll(session, RawSession.Record(header with { Target = 99 }, data, offsets), all);
                break;
            default:
                SendAll(session, RawSession.Record(header, data, offsets), all);
                break;
        }
    }

    private static void SendStubs(RawSession session)
    {
        const int count = 1000;
        byte[] data = new byte[4 + (count * 24)];
        BinaryPrimitives.WriteInt32LittleEndian(data, count);
        int[] offsets = new int[count];
        for (int i = 0; i < count; i++)
        {
            offsets[i] = 4 + (i * 24);
            new WireObject(WireObjectKind.Sender, ++s_handles).Write(data.AsSpan(offsets[i]));
        }

        SendAll(session, RawSession.Record(new RecordHeader { Kind = RecordKind.OneWay, Target = 1, Code = VictimCodes.Keep }, data, offsets));
    }

    private static void SendLengths(RawSession session)
    {
        var random = new Random((int)s_calls++);
        byte[] record = RawSession.Record(new RecordHeader { Kind = RecordKind.OneWay, Target = 1, Code = VictimCodes.Numbered }, new byte[random.Next(1000)]);
        int field = (int[])[6, 8, 12, 48] is var fields ? fields[random.Next(4)] : 0;
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(field), (int)Mutations.Number(random));
        SendAll(session, record);
    }

    private static void SendTickets(RawSession session)
    {
        s_calls++;
        Span<byte> data = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(data, (int)s_calls);
        switch (s_calls % 3)
        {
            case 0:
                // Asking for tickets.
                SendAll(session, RawSession.Record(new RecordHeader { Kind = RecordKind.TicketRequest, Id = s_calls, Target = 1 }, data));
                break;
            case 1:
                // Giving tickets away that lead nowhere.
                byte[] grant = new byte[TicketGrant.MaxSize];
                int length = new TicketGrant(Guid.NewGuid(), Guid.NewGuid(), 1, 0, 0, $"@nobody-{s_calls}").Write(grant);
                SendAll(session, RawSession.Record(new RecordHeader { Kind = RecordKind.Ticket, Id = s_calls }, grant.AsSpan(0, length)));
                break;
            default:
                SendAll(session, RawSession.Record(new RecordHeader { Kind = RecordKind.Redeem, Id = s_calls }, Guid.NewGuid().ToByteArray()));
                break;
        }
    }
}
