using System.Runtime.InteropServices;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Fixtures;

/// <summary>The parts that <see cref="OtherProcess"/> can play.</summary>
internal static class OtherProgram
{
    /// <summary>Code of a guest's stub: gives its pid back.</summary>
    internal const uint AskPid = 1;

    /// <summary>Code of a guest's stub: never answers.</summary>
    internal const uint Hang = 2;

    /// <summary>Code of a guest's stub: calls the stub in the data with its own pid and answers what that answers.</summary>
    internal const uint CallBack = 3;

    /// <summary>Code of a guest's stub: posts so many numbers to the stub in the data, then kills its own process.</summary>
    internal const uint FloodAndDie = 4;

    /// <summary>Code of a guest's stub: makes so many MiB of its memory resident.</summary>
    internal const uint Grow = 5;

    /// <summary>Code of a guest's stub: becomes a new guest at the path in the data, without a new process.</summary>
    internal const uint Exec = 6;

    internal static async Task<int> RunAsync(string[] args)
    {
        switch (args)
        {
            case ["guest", string path]:
                return await BeGuestAsync(path);
            case ["guest", string path, string ringBytes]:
                return await BeGuestAsync(path, ringBytes: int.Parse(ringBytes, System.Globalization.CultureInfo.InvariantCulture));
            case ["refused", string path, string what]:
                return await Rings.RefusedMemoryRole.RunAsync(path, what);
            case ["count-memory-files"]:
                return await CountMemoryFilesAsync();
            case ["foreign", string path]:
                CurrentProcess.SetIdentity(65534, 65534, []);
                return await BeGuestAsync(path);
            case ["leak", string path]:
                return await BeGuestAsync(path, LeakSockets);
            case ["adopt", string number]:
                return await ServeInheritedAsync(int.Parse(number, System.Globalization.CultureInfo.InvariantCulture));
            case ["introduce", string home, string book]:
                return await IntroduceAsync(home, book);
            case ["register", string path, string name]:
                return await RegisterAsync(path, name);
            case ["crowd"]:
                return Death.LifeCrowdRole.Run();
            case ["many", string path, string count]:
                return await BeManyGuestsAsync(path, Number(count));
            case ["write-board", string number]:
                return Memory.BoardWritingRole.Run(Number(number));
            case ["write-stream", string memory, string socket, string capacity]:
                return Memory.StreamWritingRole.Run(Number(memory), Number(socket), Number(capacity));
            default:
                return 64;
        }
    }

    private static int Number(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Connects, gives its stub to the root (code 1) and serves until the session ends. 3: refused, 4: one too many.</summary>
    private static async Task<int> BeGuestAsync(string path, Action? beforeGreeting = null, int? ringBytes = null)
    {
        var options = new IpcEndpointOptions { Name = "guest" };
        options.RingBytes = ringBytes ?? options.RingBytes;
        await using var endpoint = new IpcEndpoint(options);
        try
        {
            IpcSession session = await endpoint.ConnectAsync(path);
            beforeGreeting?.Invoke();
            using Parcel data = Stubs.With(new DelegateStub("lifeline.tests.IGuest", AnswerAsync));
            (await session.Root.CallAsync(1, data)).Dispose();
            await session.Closed;
            return 0;
        }
        catch (IpcException e) when (e.Error == IpcError.PermissionDenied)
        {
            return 3;
        }
        catch (IpcException e) when (e.Error == IpcError.LimitReached)
        {
            return 4;
        }
        catch (IpcException e) when (e.Error == IpcError.DeadObject)
        {
            // The session has ended before the greeting was answered.
            return 0;
        }
    }

    /// <summary>Connects so many times from two endpoints, gives a stub each time, and serves until the first session ends.</summary>
    private static async Task<int> BeManyGuestsAsync(string path, int count)
    {
        await using var first = new IpcEndpoint(new IpcEndpointOptions { Name = "guest" });
        await using var second = new IpcEndpoint(new IpcEndpointOptions { Name = "guest", RingBytes = 0 });
        var sessions = new List<IpcSession>();
        for (int i = 0; i < count; i++)
        {
            sessions.Add(await (i % 2 == 0 ? first : second).ConnectAsync(path));
            using Parcel data = Stubs.With(new DelegateStub("lifeline.tests.IGuest", AnswerAsync));
            (await sessions[i].Root.CallAsync(1, data)).Dispose();
        }

        await sessions[0].Closed;
        return 0;
    }

    /// <summary>How many descriptors of memory this process has with ten open sessions over rings; 100 and more if there are no such sessions.</summary>
    private static async Task<int> CountMemoryFilesAsync()
    {
        await using var home = new IpcEndpoint();
        await using var guest = new IpcEndpoint();
        string path = $"@lifeline-tests-{Guid.NewGuid():N}";
        home.Listen(path, Stubs.Increment());
        var sessions = new List<IpcSession>();
        for (int i = 0; i < 10; i++)
        {
            sessions.Add(await guest.ConnectAsync(path));
            await sessions[i].Root.CallIntAsync(1, i);
        }

        return sessions.Count(s => !s.UsesRings) * 100
            + Directory.GetFiles("/proc/self/fd").Count(f => new FileInfo(f).LinkTarget?.Contains("lifeline-rings", StringComparison.Ordinal) == true);
    }

    /// <summary>Serves on a listener that another process made, until it is killed.</summary>
    private static async Task<int> ServeInheritedAsync(int number)
    {
        await using var endpoint = new IpcEndpoint(new IpcEndpointOptions { Name = "guest" });
        using Descriptor inherited = Descriptor.Adopt(number);
        endpoint.Listen(UnixSocket.FromDescriptor(inherited), new DelegateStub("lifeline.tests.IGuest", AnswerAsync));
        await Task.Delay(Timeout.Infinite);
        return 0;
    }

    /// <summary>Hands the root of one process on to another, until it is killed.</summary>
    private static async Task<int> IntroduceAsync(string home, string book)
    {
        await using var endpoint = new IpcEndpoint(new IpcEndpointOptions { Name = "middle", HandshakeTimeout = TimeSpan.FromMinutes(1) });
        IpcSession toHome = await endpoint.ConnectAsync(home);
        IpcSession toBook = await endpoint.ConnectAsync(book);
        using var data = new Parcel();
        data.WriteProxy(toHome.Root);
        (await toBook.Root.CallAsync(1, data)).Dispose();
        await Task.Delay(Timeout.Infinite);
        return 0;
    }

    private static async Task<int> RegisterAsync(string path, string name)
    {
        await using var endpoint = new IpcEndpoint(new IpcEndpointOptions { Name = "guest" });
        IpcSession session = await endpoint.ConnectAsync(path);
        await new RegistryClient(session.Root).AddAsync(name, new DelegateStub("lifeline.tests.IGuest", AnswerAsync));
        await session.Closed;
        return 0;
    }

    /// <summary>Starts a child that holds all sockets of this process and outlives it: until the pipe at number 10 ends.</summary>
    private static void LeakSockets()
    {
        using Descriptor nothing = Descriptor.Open("/dev/null", OpenFlags.ReadWrite);
        using Descriptor lifetime = Descriptor.Adopt(10);
        var sockets = new List<(Descriptor, int)> { (lifetime, 0), (nothing, 1), (nothing, 2) };
        foreach (string entry in Directory.GetFiles("/proc/self/fd"))
        {
            int number = int.Parse(Path.GetFileName(entry), System.Globalization.CultureInfo.InvariantCulture);
            if (new FileInfo(entry).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) != true)
                continue;
            using Descriptor again = Reopen(number);
            sockets.Add((again.Duplicate(), 100 + sockets.Count));
        }

        ProcessSpawner.Spawn(new SpawnRequest { Path = "/bin/cat", Arguments = ["cat"], Descriptors = sockets }).Dispose();
    }

    // A duplicate of a number that belongs to somebody else in this process.
    private static Descriptor Reopen(int number)
    {
        Descriptor borrowed = Descriptor.Adopt(number);
        try
        {
            return borrowed.Duplicate();
        }
        finally
        {
            borrowed.SetHandleAsInvalid();
        }
    }

    private static async ValueTask AnswerAsync(uint code, Parcel data, Parcel reply, CallContext context)
    {
        switch (code)
        {
            case AskPid:
                reply.WriteInt32(Environment.ProcessId);
                break;
            case Hang:
                await Task.Delay(Timeout.Infinite, context.Cancelled);
                break;
            case CallBack:
                using (IpcProxy other = data.ReadProxy()!)
                using (Parcel argument = Stubs.Int(Environment.ProcessId))
                using (Parcel answer = await other.CallAsync(1, argument))
                    reply.WriteInt32(answer.ReadInt32());
                break;
            case FloodAndDie:
                using (IpcProxy other = data.ReadProxy()!)
                {
                    int count = data.ReadInt32();
                    for (int i = 0; i < count; i++)
                        other.PostInt(1, i);
                    using PidFd self = PidFd.Open(Environment.ProcessId);
                    self.Signal(9);
                }

                break;
            case Grow:
                unsafe
                {
                    nuint bytes = (nuint)data.ReadInt32() << 20;
                    NativeMemory.Fill(NativeMemory.Alloc(bytes), bytes, 1);
                }

                break;
            case Exec:
                string[] arguments = [Environment.ProcessPath!, OtherProcess.Marker, "guest", data.ReadString()];
                CurrentProcess.Execute(arguments[0], arguments, OtherProcess.Variables());
                break;
            default:
                throw new IpcException(IpcError.CodeOutOfRange, $"no request {code}");
        }
    }
}
