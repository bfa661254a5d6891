using System.Globalization;
using Lifeline.Configuration;
using Lifeline.Keeper;

namespace Lifeline.Supervision;

/// <summary>
/// What a generation finds open at its start, as sd_listen_fds(3) says: its listening sockets, then what it stored, from descriptor 3 on.
/// Thread-safe.
/// </summary>
internal sealed class LaunchDescriptors(ListenSockets sockets, DescriptorStore store)
{
    private const int First = 3;
    private const string Count = "LISTEN_FDS";
    private const string Names = "LISTEN_FDNAMES";
    private const string Pid = "LISTEN_PID";

    /// <summary>The order with them.</summary>
    /// <exception cref="ListenException">A socket cannot be made.</exception>
    public LaunchJob Equip(LaunchJob job, ServiceConfiguration service)
    {
        List<(string Held, string Name)> given = [.. sockets.Open(service), .. store.ForLaunch(service.Name)];
        if (given.Count == 0)
            return job;
        return job with
        {
            Descriptors = [.. job.Descriptors, .. given.Select((one, index) => new LaunchDescriptor(one.Held, First + index))],
            Environment =
            [
                .. job.Environment.Where(variable => variable.Key is not (Count or Names or Pid)),
                new(Count, given.Count.ToString(CultureInfo.InvariantCulture)),
                new(Names, string.Join(':', given.Select(one => one.Name))),
            ],
            PidVariables = [.. job.PidVariables, Pid],
        };
    }
}
