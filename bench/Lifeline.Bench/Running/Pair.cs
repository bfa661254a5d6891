namespace Lifeline.Bench.Running;

/// <summary>A server and a client of one contender that have met at a path.</summary>
internal sealed class Pair : IAsyncDisposable
{
    private Pair(string path, Child server, Child client)
    {
        Path = path;
        Server = server;
        Client = client;
    }

    internal string Path { get; }

    internal Child Server { get; }

    internal Child Client { get; }

    internal static Task<Pair> StartAsync(BenchRun run, Contender contender, string serverRole, string clientRole, CancellationToken cancellationToken) =>
        StartAsync(run, contender, null, [serverRole], [clientRole], cancellationToken);

    /// <summary>Starts both sides; the path becomes the first argument of each role.</summary>
    /// <param name="run">The run.</param>
    /// <param name="contender">The program.</param>
    /// <param name="processor">The only one that both may use; null for all.</param>
    /// <param name="server">The server's role and its arguments after the path.</param>
    /// <param name="client">The client's.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal static async Task<Pair> StartAsync(BenchRun run, Contender contender, int? processor, string[] server, string[] client, CancellationToken cancellationToken)
    {
        string path = run.NewPath(contender);
        Child first = await Child.StartAsync(contender, processor, [server[0], path, .. server[1..]], cancellationToken);
        try
        {
            return new Pair(path, first, await Child.StartAsync(contender, processor, [client[0], path, .. client[1..]], cancellationToken));
        }
        catch (Exception e) when (e is BenchException or OperationCanceledException)
        {
            await first.DisposeAsync();
            File.Delete(path);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Server.DisposeAsync();
        File.Delete(Path);
    }
}
