using Lifeline.Bench.Measuring;
using Lifeline.Ipc;

namespace Lifeline.Bench.Roles;

/// <summary>Takes one-way reports of 64 bytes and counts them.</summary>
internal sealed class ReportStub(ReportCount count) : SynchronousStub("bench.IReports")
{
    private const int FillBytes = 52;
    private static readonly byte[] s_fill = new byte[FillBytes];

    internal static int RunReceiver(string path, int senders)
    {
        var count = new ReportCount(senders);
        using var serving = new Served(path, new ReportStub(count));
        return Role.Serve(count.Answer);
    }

    internal static int RunSender(string path, int number)
    {
        using var session = new Connected(path);
        IpcProxy reports = session.Root;
        using var data = new Parcel();
        return Role.Serve(words => Send(reports, data, number, Role.Number(words[1])));
    }

    protected override void OnRequest(uint code, Parcel data, Parcel reply, CallContext context)
    {
        int sender = data.ReadInt32();
        long content = data.ReadInt64();
        count.Handled(sender, content + data.ReadBuffer(FillBytes)[0]);
    }

    private static string Send(IpcProxy reports, Parcel data, int number, long messages)
    {
        long began = Role.Now;
        long cpu = Role.Cpu;
        long allocated = GC.GetTotalAllocatedBytes();
        long full = 0;
        for (long i = 0; i < messages; i++)
        {
            data.Reset();
            data.WriteInt32(number);
            data.WriteInt64(i);
            data.WriteBuffer(s_fill);
            try
            {
                reports.Post(1, data);
            }
            catch (IpcException e) when (e.Error == IpcError.QueueFull)
            {
                full++;
                reports.PostAsync(1, data, TimeSpan.FromSeconds(60)).AsTask().GetAwaiter().GetResult();
            }
        }

        return $"began={began} cpu={Role.Cpu - cpu} alloc={GC.GetTotalAllocatedBytes() - allocated} full={full}";
    }
}
