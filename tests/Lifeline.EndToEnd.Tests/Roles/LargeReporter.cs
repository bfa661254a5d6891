using Lifeline.Client;
using Lifeline.Contracts;

namespace Lifeline.EndToEnd.Tests.Roles;

/// <summary>Is ready once it has so much memory that its end takes a while.</summary>
internal static class LargeReporter
{
    private const int Bytes = 1 << 30;

    public static void Run()
    {
        var memory = GC.AllocateUninitializedArray<byte>(Bytes);
        memory.AsSpan().Fill(1);
        StatusReporter.Create().Report(ServiceHealth.Healthy, "large");
        Thread.CurrentThread.Join();
        GC.KeepAlive(memory);
    }
}
