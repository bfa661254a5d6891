using System.Runtime.InteropServices;
using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>One of several words that a thread waits for. The layout is the kernel's.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly unsafe struct FutexWaiter
{
    private readonly ulong _value;
    private readonly ulong _address;
    private readonly uint _flags;
    private readonly uint _reserved;

    /// <summary>Names a word.</summary>
    /// <param name="word">Where it is, 4-byte aligned; it must stay mapped until the wait is over.</param>
    /// <param name="value">What it must hold for the wait to begin.</param>
    /// <param name="isShared">Whether other processes wake.</param>
    public FutexWaiter(uint* word, uint value, bool isShared)
    {
        _value = value;
        _address = (ulong)word;
        _flags = Libc.FutexSize32 | (isShared ? 0 : (uint)Libc.FutexPrivate);
        _reserved = 0;
    }
}
