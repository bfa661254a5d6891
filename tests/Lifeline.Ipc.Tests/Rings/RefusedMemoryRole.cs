using Lifeline.Ipc.Tests.Fixtures;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc.Tests.Rings;

/// <summary>The other process of a test: the system refuses it memory files or their seals, and it connects all the same.</summary>
internal static class RefusedMemoryRole
{
    /// <returns>0: a session without rings that works, and says why; else the number of what is wrong.</returns>
    internal static async Task<int> RunAsync(string path, string what)
    {
        if (what == "seals")
            SystemCallFilter.RefuseSeals();
        else
            SystemCallFilter.RefuseMemoryFiles();
        var log = new Lines();
        await using var endpoint = new IpcEndpoint(new IpcEndpointOptions { Logger = log });
        IpcSession session = await endpoint.ConnectAsync(path);
        if (session.UsesRings)
            return 3;
        if (await session.Root.CallIntAsync(1, 5) != 6 || session.Root.CallInt(1, 6) != 7)
            return 4;
        if (!log.All.Any(line => line.Contains("gets no rings", StringComparison.Ordinal) && line.Contains("EPERM", StringComparison.Ordinal)))
            return 5;
        try
        {
            SharedBlock.Create("refused", 4096).Dispose();
            return 6;
        }
        catch (IpcException e) when (e.Error == IpcError.Allocator)
        {
            return CountMemoryFiles() == 0 ? 0 : 7;
        }
    }

    // None is left open by what failed half way.
    private static int CountMemoryFiles() =>
        Directory.GetFiles("/proc/self/fd").Count(f => new FileInfo(f).LinkTarget is { } target && (target.Contains("lifeline-rings", StringComparison.Ordinal) || target.Contains("refused", StringComparison.Ordinal)));

    private sealed class Lines : ILogger
    {
        private readonly List<string> _lines = [];

        internal IReadOnlyList<string> All
        {
            get
            {
                lock (_lines)
                    return [.. _lines];
            }
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines)
                _lines.Add(formatter(state, exception));
        }
    }
}
