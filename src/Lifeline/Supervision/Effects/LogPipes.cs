using Lifeline.Configuration;
using Lifeline.Keeper;
using Lifeline.Linux;
using Lifeline.Logs;

namespace Lifeline.Supervision;

/// <summary>
/// The two log pipes of each service: made once, held by the keeper, opened for reading and writing, so that nobody's death gives a
/// writer EPIPE and each new monitor goes on reading.
/// </summary>
internal sealed class LogPipes(KeeperLink keeper, LogCollector collector)
{
    public static string OutputName(string service) => $"log/{service}/out";

    public static string ErrorName(string service) => $"log/{service}/err";

    /// <summary>Takes the pipes from the keeper, or makes them, and begins to collect.</summary>
    /// <param name="service">The service.</param>
    /// <param name="generation">The generation that writes now.</param>
    /// <param name="adoptedPid">A living process whose keeper is gone: its own pipes are opened again.</param>
    /// <exception cref="IOException">There are no descriptors left, or the log files cannot be opened.</exception>
    public async Task OpenAsync(ServiceConfiguration service, int generation, int? adoptedPid)
    {
        using var output = Take(OutputName(service.Name), adoptedPid, 1);
        using var error = Take(ErrorName(service.Name), adoptedPid, 2);
        await collector.AddAsync(service.Name, generation, output, error, LimitsOf(service)).ConfigureAwait(false);
    }

    /// <summary>Collects what is left and lets go of the pipes of a service that is no longer configured.</summary>
    public async Task CloseAsync(string service)
    {
        await collector.RemoveAsync(service).ConfigureAwait(false);
        keeper.Drop(OutputName(service));
        keeper.Drop(ErrorName(service));
    }

    public static LogLimits LimitsOf(ServiceConfiguration service) => new(service.Log.MaxSize, service.Log.MaxFiles);

    private Descriptor Take(string name, int? adoptedPid, int number)
    {
        if (adoptedPid is null && keeper.Duplicate(name) is { } held)
            return held;
        var pipe = (adoptedPid is { } living ? Reopen(living, number) : null) ?? Make();
        keeper.Put(name, pipe);
        return pipe;
    }

    private static Descriptor? Reopen(int pid, int number)
    {
        var opened = ProcFs.TryReopen(pid, number, OpenFlags.ReadWrite | OpenFlags.NonBlocking);
        if (opened is null)
            return null;
        // The service may have put something else at this number.
        if (opened.Stat().Kind == FileKind.Pipe)
            return opened;
        opened.Dispose();
        return null;
    }

    private static Descriptor Make()
    {
        var (read, write) = Pipe.Create();
        using (write)
        using (read)
        {
            Pipe.TrySetCapacity(read, SupervisionLimits.LogPipeBytes);
            return Pipe.ReopenReadWrite(read);
        }
    }
}
