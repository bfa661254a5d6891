using System.Runtime.InteropServices;
using Lifeline.Bench.Measuring;
using Lifeline.Ipc;

namespace Lifeline.Bench.Roles;

/// <summary>Holds memory, introduces itself, and waits to be killed.</summary>
internal static class DeathVictim
{
    /// <param name="path">Where the watcher is.</param>
    /// <param name="mebibytes">How much memory it holds.</param>
    internal static unsafe int Run(string path, int mebibytes)
    {
        nuint size = (nuint)mebibytes << 20;
        void* memory = NativeMemory.Alloc(size + 1);
        NativeMemory.Fill(memory, size, 1);
        using var session = new Connected(path);
        using var data = new Parcel();
        data.WriteStub(new EchoStub());
        session.Root.Call(DeathWatcher.Introduce, data).Dispose();
        return Role.Serve(_ => "");
    }
}
