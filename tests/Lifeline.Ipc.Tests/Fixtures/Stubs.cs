namespace Lifeline.Ipc.Tests.Fixtures;

/// <summary>Stubs and parcels in few words.</summary>
internal static class Stubs
{
    internal const string Descriptor = "lifeline.tests.IStub";

    /// <summary>A stub that answers synchronously.</summary>
    internal static DelegateStub Of(Action<uint, Parcel, Parcel, CallContext> handler) => new(Descriptor, (code, data, reply, context) =>
    {
        handler(code, data, reply, context);
        return ValueTask.CompletedTask;
    });

    /// <summary>A stub that answers after awaiting.</summary>
    internal static DelegateStub OfAsync(Func<uint, Parcel, Parcel, CallContext, ValueTask> handler) => new(Descriptor, handler);

    /// <summary>A stub that gives an int32 back, plus one.</summary>
    internal static DelegateStub Increment() => Of((_, data, reply, _) => reply.WriteInt32(data.ReadInt32() + 1));

    internal static Parcel Int(int value)
    {
        var parcel = new Parcel();
        parcel.WriteInt32(value);
        return parcel;
    }

    internal static Parcel With(IpcStub stub)
    {
        var parcel = new Parcel();
        parcel.WriteStub(stub);
        return parcel;
    }

    internal static async Task<int> CallIntAsync(this IpcProxy proxy, uint code, int value)
    {
        using Parcel data = Int(value);
        using Parcel reply = await proxy.CallAsync(code, data).Soon();
        return reply.ReadInt32();
    }

    internal static int CallInt(this IpcProxy proxy, uint code, int value)
    {
        using Parcel data = Int(value);
        using Parcel reply = proxy.Call(code, data);
        return reply.ReadInt32();
    }

    internal static void PostInt(this IpcProxy proxy, uint code, int value)
    {
        using Parcel data = Int(value);
        proxy.Post(code, data);
    }

    internal static async Task<IpcException> FailsAsync(this IpcProxy proxy, uint code, Parcel data, TimeSpan? timeout = null) =>
        await Assert.ThrowsAnyAsync<IpcException>(() => proxy.CallAsync(code, data, timeout).Soon());
}
