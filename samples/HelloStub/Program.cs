// The IPC kit alone, in two processes: a call, a one-way call, and a death recipient.
//
//   dotnet run --project samples/HelloStub
//
// The program starts itself a second time as the greeter, talks to it, kills it, and ends by itself.
using System.Diagnostics;
using HelloStub;
using Lifeline.Ipc;
using Lifeline.Linux;

if (args is ["greeter", string socket])
{
    await Greeter.RunAsync(socket);
    return 0;
}

DirectoryInfo folder = Directory.CreateTempSubdirectory("hello-stub-");
string path = Path.Combine(folder.FullName, "registry");
await using var host = new RegistryHost(path);
await using var endpoint = new IpcEndpoint();
using Process greeter = StartMyself("greeter", path);
try
{
    // Processes find each other by name. The proxy leads straight to the greeter, not through the registry.
    IpcSession session = await endpoint.ConnectAsync(path);
    using IpcProxy proxy = await new RegistryClient(session.Root).WaitForAsync(Greeter.Name, TimeSpan.FromSeconds(20));
    Say($"found {Greeter.Name}, which is {await proxy.GetDescriptorAsync()} in process {proxy.Peer.Pid}");

    Say($"a call:            {await GreetAsync(proxy, "world")}");
    Say($"a one-way call:    {await NoteAsync(proxy, "remember the milk")}");
    Say($"a death recipient: {await KillAsync(proxy, greeter)}");
}
finally
{
    greeter.Kill();
    folder.Delete(recursive: true);
}

Say("done");
return 0;

static async Task<string> GreetAsync(IpcProxy proxy, string name)
{
    using var data = new Parcel();
    data.WriteInterfaceToken(Greeter.Interface);
    data.WriteString(name);
    using Parcel reply = await proxy.CallAsync(Greeter.Greet, data, timeout: TimeSpan.FromSeconds(10));
    return reply.ReadString();
}

// One-way: Post returns as soon as the call is queued. The greeter answers by a one-way call of its own, to our stub.
static async Task<string> NoteAsync(IpcProxy proxy, string note)
{
    var heard = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
    var listener = new DelegateStub(Greeter.ListenerInterface, (_, data, _, context) =>
    {
        data.EnforceInterface(Greeter.ListenerInterface);
        heard.TrySetResult($"{data.ReadString()} (said process {context.Caller.Pid}, says the kernel)");
        return ValueTask.CompletedTask;
    });
    using var data = new Parcel();
    data.WriteInterfaceToken(Greeter.Interface);
    data.WriteString(note);
    data.WriteStub(listener);
    proxy.Post(Greeter.Note, data);
    return await heard.Task.WaitAsync(TimeSpan.FromSeconds(10));
}

// kill -9, by a descriptor that cannot mean another process, and the obituary that follows.
static async Task<string> KillAsync(IpcProxy proxy, Process greeter)
{
    var obituary = new TaskCompletionSource<DeathNotice>(TaskCreationOptions.RunContinuationsAsynchronously);
    using DeathRegistration registration = proxy.AddDeathRecipient(obituary.SetResult);
    using (PidFd process = proxy.Peer.OpenProcess()!)
        process.Signal(9);
    DeathNotice notice = await obituary.Task.WaitAsync(TimeSpan.FromSeconds(10));
    await greeter.WaitForExitAsync();
    return notice.Exit is { } exit ? $"{notice}; signal {exit.Signal}" : notice.ToString();
}

static Process StartMyself(params string[] arguments)
{
    string program = Environment.ProcessPath!;
    var start = new ProcessStartInfo(program);
    if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
    foreach (string argument in arguments)
        start.ArgumentList.Add(argument);
    return Process.Start(start)!;
}

static void Say(string text) => Console.WriteLine($"[{Environment.ProcessId}] {text}");
