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
            default:
                Console.Out.WriteLine($"failed there is no role {string.Join(' ', role)}");
                return 2;
        }
    }

    private static int Int(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
