using System.Runtime.InteropServices;
using Xunit;

namespace Lifeline.Linux.Tests;

public sealed class LinuxExceptionTests
{
    private sealed class CallsTheSystem
    {
        public override string ToString()
        {
            Marshal.SetLastPInvokeError((int)Errno.EPERM);
            return "7";
        }
    }

    [Fact]
    public void The_error_is_that_of_the_call_also_when_its_text_calls_the_system()
    {
        Marshal.SetLastPInvokeError((int)Errno.EEXIST);
        var failure = LinuxException.Last($"open({new CallsTheSystem()})");
        Assert.Equal(Errno.EEXIST, failure.Errno);
        Assert.Equal("open(7)", failure.Operation);
    }

    [Fact]
    public void A_constant_text_takes_the_error_of_the_last_call()
    {
        Marshal.SetLastPInvokeError((int)Errno.ENOENT);
        Assert.Equal(Errno.ENOENT, LinuxException.Last("open()").Errno);
    }
}
