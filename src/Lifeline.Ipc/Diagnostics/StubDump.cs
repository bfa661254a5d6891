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
        text.Append(CultureInfo.InvariantCulture, $"held through {stub.Holders} {(stub.Holders == 1 ? "session" : "sessions")}\n");
        if ((context.Session?.Endpoint ?? stub.Home) is not { } endpoint)
            return text.ToString();
        text.Append(CultureInfo.InvariantCulture, $"\n{"pid",8} {"uid",6} {"session",8} {"code",10} {"requests",12} {"errors",10} {"refused",10} {"bytes in",14} {"bytes out",14} {"total ms",12} {"max ms",10}\n");
        foreach (IpcCallStatistics row in endpoint.StatisticsOf(stub))
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{row.Peer?.Pid,8} {row.Peer?.Uid,6} {row.SessionId,8} {Code(row.Code),10} {row.Requests,12} {row.Errors,10} {row.Refused,10} {row.BytesIn,14} {row.BytesOut,14} {row.HandlerTime.TotalMilliseconds,12:0.0} {row.MaxHandlerTime.TotalMilliseconds,10:0.0}\n");
        }

        return text.ToString();
    }

    private static string Code(uint code) => code switch
    {
        Calls.BuiltInCodes.Ping => "ping",
        Calls.BuiltInCodes.Descriptor => "descriptor",
        Calls.BuiltInCodes.Dump => "dump",
        _ => code.ToString(CultureInfo.InvariantCulture),
    };
}
