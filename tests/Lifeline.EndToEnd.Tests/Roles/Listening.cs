using System.Net.Sockets;
using System.Text;

namespace Lifeline.EndToEnd.Tests.Roles;

/// <summary>Serves the listening socket it was handed: each connection gets the number of the generation.</summary>
internal static class Listening
{
    public static void Run()
    {
        using var listener = new Socket(new SafeSocketHandle(3, ownsHandle: true));
        var answer = Encoding.ASCII.GetBytes(Environment.GetEnvironmentVariable("LIFELINE_SERVICE") + " " + Environment.GetEnvironmentVariable("LIFELINE_GENERATION"));
        while (true)
        {
            using var connection = listener.Accept();
            connection.Send(answer);
        }
    }
}
