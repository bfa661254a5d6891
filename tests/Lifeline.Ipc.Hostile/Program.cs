using System.Globalization;
using Lifeline.Ipc.Hostile.Faults;
using Lifeline.Ipc.Hostile.Fuzzing;
using Lifeline.Ipc.Hostile.Peers;

// A bad neighbour, in the part that the arguments name; or a fuzz target.
return args switch
{
    ["scribble", var path, var seconds, var seed] => Scribbler.Run(path, Seconds(seconds), Number(seed)),
    ["scribble-listen", var path, var seconds, var seed] => Scribbler.Listen(path, Seconds(seconds), Number(seed)),
    ["flood", var kind, var path, var seconds] => Flooder.Run(kind, path, Seconds(seconds)),
    ["chat", var path] => await DyingPeer.ChatAsync(path),
    ["die-sending", var path, var stream, var point, var times, var ringBytes, var counter] =>
        await DyingPeer.SendAsync(path, Number(stream), point, Number(times), Number(ringBytes), Number(counter)),
    ["die-receiving", var path, var point, var times, var ringBytes] => await DyingPeer.ReceiveAsync(path, point, Number(times), Number(ringBytes)),
    ["die-board", var memory, var size, var point, var times] => DyingWriters.Board(Number(memory), Number(size), point, Number(times)),
    ["die-stream", var role, var memory, var socket, var capacity, var point, var times] =>
        DyingWriters.Stream(role == "writer", Number(memory), Number(socket), Number(capacity), point, Number(times)),
    ["wire-header"] => WireHeader.Print(),
    ["fuzz", .. var rest] => FuzzCommand.Run(rest),
    _ => 64,
};

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

static TimeSpan Seconds(string text) => TimeSpan.FromSeconds(double.Parse(text, CultureInfo.InvariantCulture));
