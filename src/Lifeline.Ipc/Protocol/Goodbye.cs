using System.Text;
using Lifeline.Ipc.Sending;

namespace Lifeline.Ipc.Protocol;

/// <summary>The last record of a session, and texts in records generally.</summary>
internal static class Goodbye
{
    /// <summary>The longest reason or error message, in bytes of UTF-8; longer ones are cut.</summary>
    internal const int MaxTextBytes = 4096;

    internal static OutRecord Encode(IpcError error, string reason) =>
        OutRecord.Of(new RecordHeader { Kind = RecordKind.Goodbye, Status = (int)error }, Text(reason));

    /// <summary>A text as the data of a record, cut at a whole character.</summary>
    internal static byte[] Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length <= MaxTextBytes)
            return bytes;
        int end = MaxTextBytes;
        while (end > 0 && (bytes[end] & 0xC0) == 0x80)
            end--;
        return bytes[..end];
    }

    /// <summary>A text that the peer sent: not believed, control characters replaced, so that it can stand in a log.</summary>
    internal static string ReadText(ReadOnlySpan<byte> bytes)
    {
        string text = Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, MaxTextBytes)]);
        return string.Create(text.Length, text, (target, source) =>
        {
            for (int i = 0; i < target.Length; i++)
                target[i] = char.IsControl(source[i]) ? ' ' : source[i];
        });
    }
}
