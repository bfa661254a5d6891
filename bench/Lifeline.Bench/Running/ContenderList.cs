using Lifeline.Bench.Command;

namespace Lifeline.Bench.Running;

/// <summary>Builds what takes part and says where it is.</summary>
internal static class ContenderList
{
    internal static async Task<IReadOnlyList<Contender>> BuildAsync(BenchOptions options, string workFolder, CancellationToken cancellationToken)
    {
        List<Contender> list = [];
        bool isNative = Build.IsNative;
        string self = Environment.ProcessPath!;
        string[] prefix = Path.GetFileNameWithoutExtension(self) == "dotnet" ? [Environment.GetCommandLineArgs()[0], "role"] : ["role"];
        if (options.Native)
            list.Add(new Contender("lifeline-native", "Lifeline native", isNative ? self : await PublishAsync(cancellationToken), ["role"], Managed: false));
        if (!isNative)
            list.Add(new Contender("lifeline-jit", "Lifeline JIT", self, prefix, Managed: true));
        list.AddRange(await CompileAsync(workFolder, cancellationToken));
        if (options.Peers)
            list.AddRange(await BuildPeersAsync(cancellationToken));
        return [.. list.Where(c => options.Only.Count == 0 || options.Only.Any(o => c.Id.StartsWith(o, StringComparison.Ordinal)))];
    }

    private static async Task<IEnumerable<Contender>> BuildPeersAsync(CancellationToken cancellationToken)
    {
        string root = FindRoot();
        string output = Path.Combine(root, "artifacts", "bench", "peers");
        await Console.Error.WriteLineAsync("building the peers …");
        await Tool.RunAsync(root, ["dotnet", "build", "bench/Lifeline.Bench.Peers", "-c", "Release", "-o", output, "-v", "q"], cancellationToken);
        (string Id, string Name, string? Needs)[] peers =
        [
            ("streamjsonrpc", "StreamJsonRpc", null),
            ("grpc", "gRPC", null),
            ("netmq", "NetMQ", null),
            ("named-pipe", ".NET named pipe", null),
            ("redis", "Redis pub/sub", "redis-server"),
            ("dbus", "D-Bus, by daemon", "dbus-daemon"),
        ];
        return peers.Select(p => new Contender(p.Id, p.Name, Path.Combine(output, "Lifeline.Bench.Peers"), [p.Id], Managed: true)
        {
            Missing = p.Needs is not null && !Tool.Exists(p.Needs) ? $"not installed: {p.Needs}" : null,
        });
    }

    private static async Task<string> PublishAsync(CancellationToken cancellationToken)
    {
        string root = FindRoot();
        string output = Path.Combine(root, "artifacts", "bench", "native");
        await Console.Error.WriteLineAsync("building the native Lifeline.Bench …");
        await Tool.RunAsync(root, ["dotnet", "publish", "bench/Lifeline.Bench", "-c", "Release", "-r", "linux-x64", "-o", output, "-v", "q"], cancellationToken);
        return Path.Combine(output, "Lifeline.Bench");
    }

    private static async Task<IReadOnlyList<Contender>> CompileAsync(string workFolder, CancellationToken cancellationToken)
    {
        (string Id, string Name, string Source)[] programs = 
        [
            ("c-socket", "C Unix socket", "socket"), ("c-ring", "C shared memory", "ring"), ("c-crowd", "C socket + epoll", "crowd"), ("c-waiter", "C pidfd", "waiter"),
        ];
        string? missing = Tool.Exists("cc") ? null : "no C compiler: install gcc (cc is not on the PATH)";
        foreach (string source in (string[])["bench.h", .. programs.Select(p => p.Source + ".c")])
        {
            using Stream from = typeof(ContenderList).Assembly.GetManifestResourceStream(source)!;
            using FileStream to = File.Create(Path.Combine(workFolder, source));
            await from.CopyToAsync(to, cancellationToken);
        }

        List<Contender> list = [];
        foreach ((string id, string name, string source) in programs)
        {
            string program = Path.Combine(workFolder, source);
            if (missing is null)
                await Tool.RunAsync(workFolder, ["cc", "-O2", "-pthread", "-o", program, source + ".c"], cancellationToken);
            list.Add(new Contender(id, name, program, [], Managed: false) { Missing = missing, UsesSharedFile = id == "c-ring", IsSpecial = id is "c-crowd" or "c-waiter" });
        }

        return list;
    }

    private static string FindRoot()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Lifeline.slnx")))
                return folder;
        }

        throw new BenchException($"there is no Lifeline.slnx above {AppContext.BaseDirectory}: run the bench inside of the repository");
    }
}
