namespace Lifeline.Bench.Measuring;

/// <summary>Passes payloads, one after the other, to a peer that reads every byte and answers.</summary>
internal sealed class PayloadLoad(Func<byte[], byte[]> call)
{
    /// <summary>Answers "go MILLISECONDS BYTES".</summary>
    internal string Go(string[] words)
    {
        byte[] payload = GC.AllocateArray<byte>((int)Role.Number(words[2]), pinned: true);
        Array.Fill(payload, (byte)1);
        var latencies = new Latencies();
        long cpu = Role.Cpu;
        long began = Role.Now;
        long until = began + (Role.Number(words[1]) * 1_000_000);
        long before = began;
        do
        {
            call(payload);
            long after = Role.Now;
            latencies.Record(after - before);
            before = after;
        }
        while (before < until);
        return $"messages={latencies.Count} ns={before - began} cpu={Role.Cpu - cpu} {Role.Percentiles(latencies)}";
    }
}
