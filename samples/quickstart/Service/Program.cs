using System.Runtime.InteropServices;
using Lifeline.Client;
using Quickstart;

var name = args is ["a" or "b"] ? args[0] : throw new ArgumentException("usage: quickstart-service a|b");

await using var reporter = StatusReporter.Create();
using var stop = CancellationTokenSource.CreateLinkedTokenSource(reporter.Stopping);
using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
{
    signal.Cancel = true;
    stop.Cancel();
});

// What A and B leave behind when they are killed: a socket file that the next generation could not bind, and a helper process.
using var inbox = new Inbox(reporter, Path.GetFullPath($"{name}.sock"));
using var helper = new Helper();

Console.WriteLine($"{name}: generation {reporter.Generation?.ToString() ?? "?"}, pid {Environment.ProcessId}, helper {helper.Pid}");
await new Worker(name, reporter, breaksDown: name == "b").RunAsync(stop.Token);
Console.WriteLine($"{name}: asked to stop, goodbye");
