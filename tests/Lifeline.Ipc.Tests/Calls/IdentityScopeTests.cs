using Lifeline.Ipc.Tests.Fixtures;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Calls;

public sealed class IdentityScopeTests
{
    [Fact]
    public void Outside_of_a_handler_the_process_acts_for_itself()
    {
        Assert.Equal(Environment.ProcessId, CallContext.CallingIdentity.Pid);
        using (CallContext.ClearIdentity())
            Assert.Equal(Environment.ProcessId, CallContext.CallingIdentity.Pid);
    }

    [Fact]
    public async Task A_scope_makes_a_handler_act_as_the_process_itself_across_awaits_and_is_undone()
    {
        await using var book = new GuestBook();
        using OtherProcess guest = OtherProcess.Start("guest", book.Path);
        (IpcProxy stub, _) = await book.NextAsync();
        var seen = new List<int>();
        int nested = 0;
        DelegateStub mine = Stubs.OfAsync(async (_, _, reply, context) =>
        {
            seen.Add(CallContext.CallingIdentity.Pid);
            using (CallContext.ClearIdentity())
            {
                seen.Add(CallContext.CallingIdentity.Pid);
                await Task.Yield();
                using (CallContext.ClearIdentity())
                    seen.Add(CallContext.CallingIdentity.Pid);
                seen.Add(CallContext.CallingIdentity.Pid);
                Assert.Equal(guest.Pid, context.Caller.Pid);
                nested = await AskWhoCallsAsync();
            }

            await Task.Yield();
            seen.Add(CallContext.CallingIdentity.Pid);
            reply.WriteInt32(0);
        });
        using Parcel data = Stubs.With(mine);
        (await stub.CallAsync(OtherProgram.CallBack, data).Soon()).Dispose();

        int self = Environment.ProcessId;
        Assert.Equal([guest.Pid, self, self, self, guest.Pid], seen);
        Assert.Equal(self, nested);
    }

    [Fact]
    public async Task A_nested_call_on_the_waiting_thread_has_its_own_caller_inside_a_scope()
    {
        IpcProxy? toClient = null;
        CallerIdentity? inside = null;
        CallContext? innerContext = null;
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, Stubs.Of((code, data, _, _) =>
        {
            if (code == 2)
                toClient = data.ReadProxy();
            else if (code == 1)
                toClient!.CallInt(1, 0);
            else
                innerContext = CallContext.Current;
        }));
        using Parcel empty = new();
        using Parcel data = Stubs.With(Stubs.Of((_, _, reply, context) =>
        {
            using (CallContext.ClearIdentity())
                pair.Root.Call(3, empty).Dispose();
            inside = CallContext.CallingIdentity;
            reply.WriteInt32(0);
        }));
        (await pair.Root.CallAsync(2, data).Soon()).Dispose();
        (await pair.Root.CallAsync(1, empty).Soon()).Dispose();
        Assert.NotNull(innerContext);
        Assert.Equal(CurrentProcess.Id, inside!.Pid);
    }

    /// <summary>Whom a stub that is called from inside the scope sees.</summary>
    private static async Task<int> AskWhoCallsAsync()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Socket, Stubs.Of((_, _, reply, context) => reply.WriteInt32(context.Caller.Pid)));
        return await pair.Root.CallIntAsync(1, 0);
    }
}
