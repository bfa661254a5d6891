using Lifeline.Bench.Measuring;
using Lifeline.Ipc;

namespace Lifeline.Bench.Roles;

/// <summary>The two sides of a status board of 64 slots with 64 bytes each.</summary>
internal static class BoardRoles
{
    private const int Slots = 64;
    private static volatile bool s_stop;

    internal static int RunWriter(string path)
    {
        using SharedBoardWriter board = SharedBoardWriter.Create("bench", Slots, EchoStub.MessageBytes);
        using SharedBoardWriter inFile = SharedBoardWriter.CreateFile(path + ".board", Slots, EchoStub.MessageBytes);
        for (int slot = 0; slot < Slots; slot++)
            board.Write(slot, new Value(slot));
        using var serving = new Served(path, new DelegateStub("bench.IBoard", (_, _, reply, _) =>
        {
            using SharedBlock block = board.Share();
            block.WriteTo(reply);
            return ValueTask.CompletedTask;
        }));
        return Role.Serve(words => words[0] switch
        {
            "write" => Write(board, Role.Number(words[1])),
            "write-file" => Write(inFile, Role.Number(words[1])),
            "start" => Start(board),
            "halt" => Halt(),
            _ => throw new NotSupportedException(words[0]),
        });
    }

    internal static int RunReader(string path)
    {
        using var session = new Connected(path);
        using var nothing = new Parcel();
        using Parcel reply = session.Root.Call(1, nothing);
        using SharedBlock block = SharedBlock.ReadFrom(reply);
        using var board = new SharedBoardReader(block);
        return Role.Serve(words => Read(board, Role.Number(words[1])));
    }

    private static string Write(SharedBoardWriter board, long count)
    {
        long before = Role.Now;
        for (long i = 0; i < count; i++)
            board.Write((int)(i % Slots), new Value(i));
        return $"ns={Role.Now - before} writes={count}";
    }

    private static string Start(SharedBoardWriter board)
    {
        s_stop = false;
        new Thread(() =>
        {
            for (long i = 0; !s_stop; i++)
                board.Write((int)(i % Slots), new Value(i));
        })
        { IsBackground = true }.Start();
        return "";
    }

    private static string Halt()
    {
        s_stop = true;
        return "";
    }

    private static string Read(SharedBoardReader board, long count)
    {
        long torn = 0, missed = 0;
        long before = Role.Now;
        for (long i = 0; i < count; i++)
        {
            if (!board.TryRead((int)(i % Slots), out Value value, out _))
                missed++;
            else if (!value.IsWhole)
                torn++;
        }

        return $"ns={Role.Now - before} reads={count} torn={torn} missed={missed}";
    }

    private readonly struct Value(long number)
    {
        private readonly long _a = number, _b = number, _c = number, _d = number, _e = number, _f = number, _g = number, _h = number;

        internal bool IsWhole => ((_a ^ _b) | (_a ^ _c) | (_a ^ _d) | (_a ^ _e) | (_a ^ _f) | (_a ^ _g) | (_a ^ _h)) == 0;
    }
}
