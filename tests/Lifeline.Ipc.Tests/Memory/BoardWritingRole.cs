using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Memory;

/// <summary>The other process of a test: writes a board without end, until it is killed.</summary>
internal static class BoardWritingRole
{
    internal static int Run(int number)
    {
        using var inherited = Descriptor.Adopt(number);
        using var block = SharedBlock.FromDescriptor(inherited, SharedBoard.SizeOf(2, 4096));
        using var writer = SharedBoardWriter.TakeOver(block);
        var value = new byte[4096];
        using var reader = new SharedBoardReader(block);
        for (var next = reader.ReadGeneration(0) + 1; ; next++)
        {
            Array.Fill(value, (byte)next);
            writer.Write(0, value);
        }
    }
}
