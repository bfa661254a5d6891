using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>The messages that a monitor writes. Each returns the written part of the caller's buffer (<see cref="Room"/> is enough for all but texts).</summary>
internal static class LinkFrames
{
    /// <summary>Bytes that hold any message without a text for people.</summary>
    public const int Room = (3 * KeeperProtocol.MaxPathBytes) + 512;

    public static ReadOnlySpan<byte> Plain(Span<byte> buffer, KeeperMessageKind kind) => new FrameWriter(buffer, kind).Written;

    public static ReadOnlySpan<byte> Put(Span<byte> buffer, string name) => Named(buffer, KeeperMessageKind.PutDescriptor, name);

    public static ReadOnlySpan<byte> Drop(Span<byte> buffer, string name) => Named(buffer, KeeperMessageKind.DropDescriptor, name);

    public static ReadOnlySpan<byte> Acknowledge(Span<byte> buffer, string slot, int generation) =>
        Instance(buffer, KeeperMessageKind.Acknowledge, slot, generation);

    public static ReadOnlySpan<byte> KnownGeneration(Span<byte> buffer, string slot, int generation) =>
        Instance(buffer, KeeperMessageKind.KnownGeneration, slot, generation);

    public static ReadOnlySpan<byte> AdoptProcess(Span<byte> buffer, long requestId, KeeperProcess process)
    {
        FrameWriter writer = new(buffer, KeeperMessageKind.AdoptProcess, requestId, FrameFlags.AnswerIfUnknown);
        writer.Name(process.Slot);
        writer.Int32(process.Generation);
        writer.Int32(process.Pid);
        writer.Int64(process.StartTime);
        writer.Int64(process.ExecAtNanoseconds);
        writer.Text(process.Group);
        return writer.Written;
    }

    public static ReadOnlySpan<byte> ChangeMain(Span<byte> buffer, string slot, int generation, int pid, long startTime)
    {
        FrameWriter writer = new(buffer, KeeperMessageKind.ChangeMain);
        writer.Name(slot);
        writer.Int32(generation);
        writer.Int32(pid);
        writer.Int64(startTime);
        return writer.Written;
    }

    public static ReadOnlySpan<byte> KnownExit(Span<byte> buffer, ExitedMessage exit)
    {
        FrameWriter writer = new(buffer, KeeperMessageKind.KnownExit);
        writer.Name(exit.Slot);
        writer.Int32(exit.Generation);
        writer.Int32(exit.Pid);
        ExitStatusCodec.Write(ref writer, exit.Status);
        writer.Int64(exit.ExitAtNanoseconds);
        writer.Text(exit.Group);
        return writer.Written;
    }

    public static ReadOnlySpan<byte> TakeOver(Span<byte> buffer, int monitorPid, StopRequestedMessage? stop)
    {
        FrameWriter writer = new(buffer, KeeperMessageKind.TakeOver);
        writer.Int32(KeeperProtocol.Version);
        writer.Int32(monitorPid);
        writer.Byte(stop is null ? (byte)0 : (byte)1);
        writer.Byte(stop is { Urgent: true } ? (byte)1 : (byte)0);
        return writer.Written;
    }

    public static ReadOnlySpan<byte> GroupFolder(Span<byte> buffer, GroupPlace folder)
    {
        FrameWriter writer = new(buffer, KeeperMessageKind.GroupFolder);
        writer.Int32(folder.Version);
        writer.Text(folder.Path);
        WriteTexts(ref writer, folder.More);
        return writer.Written;
    }

    public static ReadOnlySpan<byte> Present(Span<byte> buffer, string name)
    {
        FrameWriter writer = new(buffer, KeeperMessageKind.Present);
        writer.Text(name);
        return writer.Written;
    }

    public static ReadOnlySpan<byte> Ping(Span<byte> buffer) => new FrameWriter(buffer, KeeperMessageKind.Ping, 0, FrameFlags.AnswerIfUnknown).Written;

    public static ReadOnlySpan<byte> Upgrade(Span<byte> buffer, SelfCommand program)
    {
        FrameWriter writer = new(buffer, KeeperMessageKind.Upgrade);
        writer.Text(program.Path);
        WriteTexts(ref writer, program.LeadingArguments);
        return writer.Written;
    }

    public static ReadOnlySpan<byte> TakeOverEnd(Span<byte> buffer) => Plain(buffer, KeeperMessageKind.TakeOverEnd);

    public static ReadOnlySpan<byte> Outcome(Span<byte> buffer, KeeperMessageKind kind, int exitCode, string text)
    {
        FrameWriter writer = new(buffer, kind);
        writer.Int32(exitCode);
        writer.CutText(text);
        return writer.Written;
    }

    private static void WriteTexts(ref FrameWriter writer, IReadOnlyList<string> texts)
    {
        writer.Int32(texts.Count);
        foreach (string text in texts) writer.Text(text);
    }

    private static ReadOnlySpan<byte> Named(Span<byte> buffer, KeeperMessageKind kind, string name)
    {
        FrameWriter writer = new(buffer, kind);
        writer.Name(name);
        return writer.Written;
    }

    private static ReadOnlySpan<byte> Instance(Span<byte> buffer, KeeperMessageKind kind, string slot, int generation)
    {
        FrameWriter writer = new(buffer, kind);
        writer.Name(slot);
        writer.Int32(generation);
        return writer.Written;
    }
}
