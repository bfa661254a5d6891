using System.Runtime.InteropServices;

namespace Lifeline.Linux;

/// <summary>A system call failed.</summary>
public sealed class LinuxException : IOException
{
    /// <summary>The failure of one call.</summary>
    /// <param name="operation">The call and its arguments, for people: <c>open("/x")</c>.</param>
    /// <param name="errno">The kernel's answer.</param>
    public LinuxException(string operation, Errno errno)
        : base($"{operation}: {Describe(errno)}")
    {
        Operation = operation;
        Errno = errno;
        HResult = (int)errno;
    }

    /// <summary>The kernel's answer.</summary>
    public Errno Errno { get; }

    /// <summary>The call and its arguments.</summary>
    public string Operation { get; }

    /// <summary>The text of errno(3) for a number, with its name.</summary>
    /// <param name="errno">The number.</param>
    public static string Describe(Errno errno) => $"{Marshal.GetPInvokeErrorMessage((int)errno)} ({errno})";

    internal static LinuxException Last(string operation) => new(operation, (Errno)Marshal.GetLastPInvokeError());

    internal static LinuxException Last(ref FailedCall call) => new(call.Text(), call.Errno);
}
