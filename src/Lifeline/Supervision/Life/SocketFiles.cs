using Lifeline.Configuration;

namespace Lifeline.Supervision;

/// <summary>The files in the run folder by which a running monitor is found.</summary>
internal static class SocketFiles
{
    /// <summary>Removes one, if it can be.</summary>
    public static void TryRemove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whoever listens there next replaces it.
        }
    }

    /// <summary>Removes them at the end: nothing runs that could answer, and a socket file would only tell people otherwise.</summary>
    public static void Remove(Places places, IEnumerable<ServiceConfiguration> services, Action<string> log)
    {
        try
        {
            File.Delete(places.Socket);
            File.Delete(places.HttpSocket);
            File.Delete(places.HttpUrlFile);
            foreach (var service in services)
                foreach (var slot in ServiceDirectory.SlotsOf(service))
                    File.Delete(places.NotifySocket(slot));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log($"a socket file is left behind: {e.Message}");
        }
    }
}
