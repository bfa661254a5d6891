using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>The kernel's random bytes, fit for secrets. Without the library for cryptography, whose mere loading costs megabytes. Thread-safe.</summary>
public static class RandomBytes
{
    /// <summary>Fills it. Waits only while a machine that has just been started gathers its first randomness.</summary>
    /// <param name="buffer">Of any length.</param>
    /// <exception cref="LinuxException">A kernel older than 3.17, or a filter forbids the call.</exception>
    public static unsafe void Fill(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            fixed (byte* start = buffer)
            {
                var taken = Libc.getrandom(start, (nuint)buffer.Length, 0);
                if (taken >= 0)
                    buffer = buffer[(int)taken..];
                else if (LinuxException.Last("getrandom") is var failed && failed.Errno != Errno.EINTR)
                    throw failed;
            }
        }
    }
}
