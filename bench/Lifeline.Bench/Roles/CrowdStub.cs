using System.Collections.Concurrent;
using Lifeline.Bench.Measuring;
using Lifeline.Ipc;

namespace Lifeline.Bench.Roles;

/// <summary>Takes a report now and then from each of many sessions and notes how long it was under way.</summary>
internal sealed class CrowdStub : SynchronousStub
{
    internal const uint Report = 1;
    internal const uint Flood = 2;
    private readonly ConcurrentBag<Latencies> _all = [];
    private readonly ThreadLocal<Latencies> _mine;
    private long _began;
    private long _cpu;

    internal CrowdStub()
        : base("bench.ICrowd") => _mine = new ThreadLocal<Latencies>(() =>
        {
            var latencies = new Latencies();
            _all.Add(latencies);
            return latencies;
        });

    internal static IpcEndpointOptions Options => new() { MaxSessions = 100_000, MaxSessionsPerUid = 100_000, HandshakeTimeout = Patience.Options.HandshakeTimeout };

    internal static int RunServer(string path)
    {
        Linux.CurrentProcess.RaiseDescriptorLimit();
        var stub = new CrowdStub();
        using var serving = new Served(path, stub, Options);
        return Role.Serve(stub.Answer);
    }

    /// <summary>Answers "begin", "end" and "pss". Between begin and end nothing else is asked.</summary>
    internal string Answer(string[] words)
    {
        switch (words[0])
        {
            case "begin":
                foreach (Latencies latencies in _all)
                    latencies.Clear();
                _began = Role.Now;
                _cpu = Role.Cpu;
                return "";
            case "end":
            {
                long cpu = Role.Cpu - _cpu;
                long took = Role.Now - _began;
                var sum = new Latencies();
                foreach (Latencies latencies in _all)
                    sum.Add(latencies);
                return $"messages={sum.Count} ns={took} cpu={cpu} {Role.Percentiles(sum)}";
            }

            case "pss":
                return $"pss={MemoryUse.Pss()}";
            default:
                throw new NotSupportedException(words[0]);
        }
    }

    protected override void OnRequest(uint code, Parcel data, Parcel reply, CallContext context)
    {
        if (code == Report)
            _mine.Value!.Record(Role.Now - data.ReadInt64());
    }
}
