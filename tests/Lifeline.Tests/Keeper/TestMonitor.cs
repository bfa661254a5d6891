using System.Runtime.CompilerServices;
using Lifeline.Linux;

namespace Lifeline.Tests.Keeper;

/// <summary>
/// The test executable in the role of the monitor: started by a real keeper, it gives its socket to the test that waits
/// at the path in its arguments, and lives until that test tells it an exit code or kills it.
/// </summary>
internal static class TestMonitor
{
    public const string Command = "__test-monitor";

#pragma warning disable CA2255 // The test executable has no Main of its own that could look at its arguments.
    [ModuleInitializer]
    public static void Run()
#pragma warning restore CA2255
    {
        string[] arguments = Environment.GetCommandLineArgs();
        if (arguments.Length != 3 || arguments[1] != Command) return;
        using UnixSocket control = UnixSocket.Connect(arguments[2], UnixSocketType.SeqPacket);
        using Descriptor runLock = Descriptor.Adopt(4); // held until the end, as a monitor does
        using (Descriptor link = Descriptor.Adopt(3)) control.Send(BitConverter.GetBytes(CurrentProcess.Id), [link, runLock]);

        byte[] code = new byte[1];
        CurrentProcess.Exit(control.Receive(code).EndOfStream ? 0 : code[0]);
    }
}
