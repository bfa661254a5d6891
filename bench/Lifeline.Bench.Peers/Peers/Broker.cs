using System.Diagnostics;

namespace Lifeline.Bench.Peers;

/// <summary>A server of somebody else that stands between the processes. It ends with this process.</summary>
internal static class Broker
{
    /// <summary>Starts it and waits until its socket is there.</summary>
    internal static void Start(string socket, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("setpriv", ["--pdeathsig", "KILL", program, .. arguments]) { RedirectStandardOutput = true };
        Process process = Process.Start(start)!;
        using var never = new AutoResetEvent(false);
        for (int i = 0; !File.Exists(socket); i++)
        {
            if (process.HasExited || i > 1000)
                throw new InvalidOperationException($"{program} does not listen at {socket}");
            never.WaitOne(10);
        }
    }
}
