using System.Globalization;

namespace Lifeline.Bench.Roles;

/// <summary>What this program does when the bench starts it again as one side of a workload.</summary>
internal static class RoleTable
{
    internal static int Run(string[] role)
    {
        switch (role)
        {
            case ["call-server", var path]:
                return EchoStub.RunServer(path);
            case ["call-client", var path, var callers, var pause]:
                return EchoStub.RunClient(path, Int(callers), Int(pause));
            case ["report-receiver", var path, var senders]:
                return ReportStub.RunReceiver(path, Int(senders));
            case ["report-sender", var path, var number]:
                return ReportStub.RunSender(path, Int(number));
            case ["large-server", var path]:
                return PayloadStub.RunServer(path);
            case ["large-client", var path]:
                return PayloadStub.RunClient(path);
            case ["sessions-server", var path]:
                return CrowdStub.RunServer(path);
            case ["sessions-load", var path]:
                return CrowdLoad.Run(path);
            case ["death-watcher", var path, var kind]:
                return DeathWatcher.Run(path, kind);
            case ["death-victim", var path, var mebibytes]:
                return DeathVictim.Run(path, Int(mebibytes));
            case ["board-writer", var path]:
                return BoardRoles.RunWriter(path);
            case ["board-reader", var path]:
                return BoardRoles.RunReader(path);
            case ["reporter-crowd", var sessions, var rate, var seconds]:
                return ReporterCrowd.RunAsync(Int(sessions), Int(rate), Int(seconds)).GetAwaiter().GetResult();
            default:
                Console.Out.WriteLine($"failed there is no role {string.Join(' ', role)}");
                return 2;
        }
    }

    private static int Int(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
