using System.Globalization;
using System.Text;
using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>Tells the process that waits in <c>up -d</c> how the start ended: exit code and text, once.</summary>
internal sealed class NotifyPipe(Descriptor? pipe) : IDisposable
{
    private const string GoesOn = "+";

    private Descriptor? pipe = pipe;

    /// <summary>Nobody has been told anything yet, and somebody waits.</summary>
    public bool IsWaiting => pipe is not null;

    /// <param name="exitCode">What <c>up -d</c> shall exit with.</param>
    /// <param name="text">For people.</param>
    /// <param name="goesOn">Whether the keeper goes on, whatever became of the start.</param>
    public void Tell(int exitCode, string text, bool goesOn = false)
    {
        if (pipe is null) return;
        try
        {
            pipe.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{exitCode}{(goesOn ? GoesOn : "")}\n{text}")));
        }
        catch (LinuxException)
        {
            // The one who waited has gone; the start goes on without being watched.
        }

        Dispose();
    }

    /// <summary>Reads what <see cref="Tell"/> wrote; null if the keeper ended without a word.</summary>
    public static KeeperStartResult? Parse(ReadOnlySpan<byte> told)
    {
        string text = Encoding.UTF8.GetString(told);
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        if (end < 0) return null;
        bool goesOn = text.AsSpan(0, end).EndsWith(GoesOn);
        ReadOnlySpan<char> number = text.AsSpan(0, goesOn ? end - GoesOn.Length : end);
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int exitCode) ? new KeeperStartResult(exitCode, text[(end + 1)..], goesOn) : null;
    }

    public void Dispose()
    {
        pipe?.Dispose();
        pipe = null;
    }
}
