using System.Globalization;
using System.Text;
using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>Tells the process that waits in <c>up -d</c> how the start ended: exit code and text, once.</summary>
internal sealed class NotifyPipe(Descriptor? pipe) : IDisposable
{
    private Descriptor? pipe = pipe;

    /// <summary>Nobody has been told anything yet, and somebody waits.</summary>
    public bool IsWaiting => pipe is not null;

    public void Tell(int exitCode, string text)
    {
        if (pipe is null) return;
        try
        {
            pipe.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{exitCode}\n{text}")));
        }
        catch (LinuxException)
        {
            // The one who waited has gone; the start goes on without being watched.
        }

        Dispose();
    }

    /// <summary>Reads what <see cref="Tell"/> wrote; null if the keeper ended without a word.</summary>
    public static (int ExitCode, string Text)? Parse(ReadOnlySpan<byte> told)
    {
        string text = Encoding.UTF8.GetString(told);
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        if (end < 0 || !int.TryParse(text.AsSpan(0, end), NumberStyles.None, CultureInfo.InvariantCulture, out int exitCode)) return null;
        return (exitCode, text[(end + 1)..]);
    }

    public void Dispose()
    {
        pipe?.Dispose();
        pipe = null;
    }
}
