using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lifeline.Linux;

/// <summary>The text of a call that failed: it takes the error number before it formats anything, as formatting may call the system too.</summary>
[InterpolatedStringHandler]
internal ref struct FailedCall
{
    private DefaultInterpolatedStringHandler _text;

    public FailedCall(int literalLength, int formattedCount)
    {
        Errno = (Errno)Marshal.GetLastPInvokeError();
        _text = new DefaultInterpolatedStringHandler(literalLength, formattedCount);
    }

    public Errno Errno { get; }

    public void AppendLiteral(string value) => _text.AppendLiteral(value);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    public string Text() => _text.ToStringAndClear();
}
