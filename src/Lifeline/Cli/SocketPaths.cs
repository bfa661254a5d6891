using System.Text;
using Lifeline.Configuration;

namespace Lifeline.Cli;

/// <summary>Refuses a run folder whose sockets programs could not reach, before anything is started.</summary>
internal static class SocketPaths
{
    // struct sockaddr_un has 108 bytes for a path, the last of which is 0.
    private const int Maximum = 107;

    /// <summary>Our own library reaches longer paths; programs that use sd_notify do not.</summary>
    public static void Check(Places places, LifelineConfiguration configuration)
    {
        var longest = configuration.Services.Select(service => places.NotifySocket(service.Name)).Append(places.Socket).MaxBy(Encoding.UTF8.GetByteCount)!;
        var length = Encoding.UTF8.GetByteCount(longest);
        if (length <= Maximum) return;
        throw new CliException(
            ExitCode.Failed,
            $"the path of the socket {longest} has {length} bytes; the system allows {Maximum}",
            $"choose a shorter folder with --run-dir or {Places.RunFolderVariable}");
    }
}
