using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>How a process ended, on the wire: how (1 byte), code or signal (4), core dumped (1).</summary>
internal static class ExitStatusCodec
{
    private const byte Lost = 0;
    private const byte ByCode = 1;
    private const byte BySignal = 2;

    public static void Write(ref FrameWriter writer, ExitStatus? status)
    {
        (byte how, int value) = status switch
        {
            { ExitCode: { } code } => (ByCode, code),
            { Signal: { } signal } => (BySignal, signal),
            _ => (Lost, 0),
        };
        writer.Byte(how);
        writer.Int32(value);
        writer.Byte(status is { CoreDumped: true } ? (byte)1 : (byte)0);
    }

    public static ExitStatus? Read(ref FrameReader reader)
    {
        byte how = reader.Byte();
        int value = reader.Int32();
        bool core = reader.Byte() != 0;
        return how switch
        {
            ByCode => new ExitStatus(value, null, core),
            BySignal => new ExitStatus(null, value, core),
            _ => null,
        };
    }
}
