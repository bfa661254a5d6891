using System.Globalization;
using System.Text;

namespace Lifeline.Ipc.Diagnostics;

/// <summary>What the kit itself knows about a stub, as text.</summary>
internal static class StubDump
{
    internal static string Describe(IpcStub stub, CallContext context)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{stub.Descriptor} ({stub.GetType().Name}) in process {CallerIdentity.Self.Pid}\n");
        text.Append(CultureInfo.InvariantCulture, $"held through {stub.Holders} sessions\n");
        return text.ToString();
    }
}
