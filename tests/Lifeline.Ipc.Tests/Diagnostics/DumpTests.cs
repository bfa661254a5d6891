using System.Text;
using Lifeline.Ipc.Tests.Fixtures;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Diagnostics;

public sealed class DumpTests
{
    [Fact]
    public async Task Unless_overridden_a_dump_names_the_interface_and_who_holds_it()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, Stubs.Increment());
        string text = await pair.Root.DumpTextAsync().Soon();
        Assert.StartsWith($"{Stubs.Descriptor} (DelegateStub) in process {Environment.ProcessId}\n", text, StringComparison.Ordinal);
        Assert.Contains("held through 1 session", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dump_of_another_process_goes_to_a_pipe_with_its_arguments()
    {
        await using var book = new GuestBook();
        using OtherProcess guest = OtherProcess.Start("guest", book.Path);
        (IpcProxy stub, _) = await book.NextAsync();
        (Descriptor read, Descriptor write) = Pipe.Create();
        using (read)
        using (write)
        {
            await stub.DumpAsync(write).Soon();
            byte[] text = new byte[4096];
            Assert.Contains($"in process {guest.Pid}", Encoding.UTF8.GetString(text, 0, read.Read(text)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_stub_writes_a_dump_of_its_own_longer_than_the_pipe()
    {
        string line = new('x', 1000);
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Socket, new Chatty(line, mayDump: true));
        (Descriptor read, Descriptor write) = Pipe.Create();
        using (read)
        {
            Task<int> reading = Task.Run(() =>
            {
                byte[] buffer = new byte[4096];
                int total = 0;
                while (read.Read(buffer) is > 0 and int count)
                    total += count;
                return total;
            });
            using (write)
                await pair.Root.DumpAsync(write, ["200"]).Soon();
            Assert.Equal(200 * line.Length, await reading.Soon());
        }
    }

    [Fact]
    public async Task Text_beyond_the_limit_is_cut_off()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Socket, new Chatty(new string('x', 1000), mayDump: true));
        Assert.Equal(IpcProxy.MaxDumpText, (await pair.Root.DumpTextAsync(["2000"]).Soon()).Length);
    }

    [Fact]
    public async Task Who_may_not_have_a_dump_gets_none()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Socket, new Chatty("", mayDump: false));
        var e = await Assert.ThrowsAsync<IpcException>(() => pair.Root.DumpTextAsync().Soon());
        Assert.Equal(IpcError.PermissionDenied, e.Error);
    }

    [Fact]
    public async Task A_reader_that_gives_up_ends_a_dump_to_a_full_pipe()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, new Chatty(new string('x', 1000), mayDump: true), server: o => o.Workers = 1);
        (Descriptor read, Descriptor write) = Pipe.Create();
        using (read)
        using (write)
        {
            using var impatience = new CancellationTokenSource();
            Task dumping = pair.Root.DumpAsync(write, ["1000"], cancellationToken: impatience.Token).AsTask();
            // The only worker is free meanwhile.
            await pair.Root.PingAsync().Soon();
            impatience.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dumping.Soon());
        }

        await pair.Root.PingAsync().Soon();
    }

    [Fact]
    public async Task A_stub_of_this_process_can_be_dumped_too()
    {
        using Parcel parcel = Stubs.With(Stubs.Increment());
        using IpcProxy local = parcel.ReadProxy()!;
        Assert.StartsWith(Stubs.Descriptor, await local.DumpTextAsync().Soon(), StringComparison.Ordinal);
    }

    private sealed class Chatty(string line, bool mayDump) : IpcStub("lifeline.tests.IChatty")
    {
        protected internal override ValueTask OnRequestAsync(uint code, Parcel data, Parcel reply, CallContext context) => default;

        protected internal override bool MayDump(CallerIdentity caller) => mayDump;

        protected internal override async ValueTask OnDumpAsync(Descriptor output, IReadOnlyList<string> arguments, CallContext context)
        {
            for (int i = int.Parse(arguments[0], System.Globalization.CultureInfo.InvariantCulture); i > 0; i--)
                await WriteDumpAsync(output, line, context);
        }
    }
}
