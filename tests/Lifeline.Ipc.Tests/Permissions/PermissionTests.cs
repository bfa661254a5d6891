using Lifeline.Ipc.Tests.Fixtures;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Permissions;

public sealed class PermissionTests
{
    [Fact]
    public async Task A_refused_call_never_reaches_the_handler_and_says_why()
    {
        int handled = 0;
        var asked = new List<(uint Code, CallerIdentity Caller)>();
        DelegateStub stub = Guarded(
            new IpcPermissions(IpcPermissions.Everyone).With(2, caller =>
            {
                asked.Add((2, caller));
                return "the till is closed";
            }),
            () => handled++);
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, stub);
        using Parcel empty = new();
        (await pair.Root.CallAsync(1, empty).Soon()).Dispose();
        IpcException e = await pair.Root.FailsAsync(2, empty);
        Assert.Equal(IpcError.PermissionDenied, e.Error);
        Assert.Contains("the till is closed", e.Message, StringComparison.Ordinal);
        Assert.Equal(1, handled);
        Assert.Equal(Environment.ProcessId, asked.Single().Caller.Pid);
    }

    [Fact]
    public async Task The_rule_for_the_stub_counts_where_the_code_has_none_and_built_in_requests_are_answered()
    {
        DelegateStub stub = Guarded(new IpcPermissions(_ => "nobody").With(7, IpcPermissions.OwnUser), () => { });
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Socket, stub);
        using Parcel empty = new();
        Assert.Equal(IpcError.PermissionDenied, (await pair.Root.FailsAsync(1, empty)).Error);
        (await pair.Root.CallAsync(7, empty).Soon()).Dispose();
        await pair.Root.PingAsync().Soon();
        Assert.Equal(Stubs.Descriptor, await pair.Root.GetDescriptorAsync().Soon());
    }

    [Fact]
    public async Task A_rule_that_fails_refuses()
    {
        DelegateStub stub = Guarded(new IpcPermissions(_ => throw new InvalidOperationException()), () => { });
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Memory, stub);
        using Parcel empty = new();
        Assert.Equal(IpcError.PermissionDenied, (await pair.Root.FailsAsync(1, empty)).Error);
    }

    [Fact]
    public async Task A_refused_one_way_call_is_dropped_and_the_next_is_handled()
    {
        var handled = new Signal();
        DelegateStub stub = Guarded(new IpcPermissions(IpcPermissions.Everyone).With(2, _ => "no"), handled.SetResult);
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, stub);
        pair.Root.PostInt(2, 0);
        pair.Root.PostInt(1, 0);
        await handled.Task.Soon();
    }

    [Fact]
    public async Task A_process_of_another_user_is_refused_by_what_the_kernel_says()
    {
        if (CurrentProcess.Uid != 0)
            Assert.Skip("only root can start a process of another user");
        await using var book = new GuestBook();
        using OtherProcess foreign = OtherProcess.Start("foreign", book.Path);
        (IpcProxy guest, _) = await book.NextAsync();
        DelegateStub stub = Guarded(new IpcPermissions(IpcPermissions.OwnUser), () => { });
        using Parcel data = Stubs.With(stub);
        IpcException e = await guest.FailsAsync(OtherProgram.CallBack, data);
        Assert.Equal(IpcError.PermissionDenied, e.Error);
        Assert.Contains("65534", e.Message, StringComparison.Ordinal);
    }

    private static DelegateStub Guarded(IpcPermissions permissions, Action handled) => new(Stubs.Descriptor, (_, _, _, _) =>
    {
        handled();
        return default;
    })
    { Permissions = permissions };
}
