using System.Globalization;
using Lifeline.Bench.Measuring;
using Lifeline.Ipc;
using Lifeline.Linux;

namespace Lifeline.Bench.Roles;

/// <summary>One process with many sessions, each of which sends a report of 64 bytes once a second, evenly spread.</summary>
internal sealed class CrowdLoad : IAsyncDisposable
{
    private const int FillBytes = 56;
    private readonly IpcEndpoint _endpoint = new(CrowdStub.Options);
    private readonly List<IpcProxy> _sessions = [];
    private readonly string _path;
    private volatile string? _fault;

    private CrowdLoad(string path) => _path = path;

    internal static int Run(string path)
    {
        CurrentProcess.RaiseDescriptorLimit();
        var load = new CrowdLoad(path);
        int code = Role.Serve(load.Answer);
        load.DisposeAsync().AsTask().Wait(TimeSpan.FromSeconds(5));
        return code;
    }

    public ValueTask DisposeAsync() => _endpoint.DisposeAsync();

    /// <summary>Answers "open SESSIONS", "start", "pss", "flood".</summary>
    private string Answer(string[] words)
    {
        if (_fault is { } fault)
            throw new InvalidOperationException(fault);
        switch (words[0])
        {
            case "open":
                for (int wanted = int.Parse(words[1], CultureInfo.InvariantCulture); _sessions.Count < wanted;)
                    _sessions.Add(_endpoint.Connect(_path).Root);
                return "";
            case "start":
                Start(Pace);
                return "";
            case "flood":
                Start(Flood);
                return "";
            case "pss":
                return $"pss={MemoryUse.Pss()}";
            default:
                throw new NotSupportedException(words[0]);
        }
    }

    private void Start(Action run) => new Thread(() =>
    {
        try
        {
            run();
        }
        catch (Exception e) when (e is IpcException or LinuxException)
        {
            _fault = e.Message;
        }
    })
    { IsBackground = true }.Start();

    private void Pace()
    {
        using TimerFd timer = TimerFd.Create();
        using var data = new Parcel();
        byte[] fill = new byte[FillBytes];
        long step = 1_000_000_000 / _sessions.Count;
        long due = Role.Now;
        for (int next = 0; ;)
        {
            for (long at = Role.Now; due <= at; due += step)
            {
                data.Reset();
                data.WriteInt64(Role.Now);
                data.WriteBuffer(fill);
                _sessions[next].Post(CrowdStub.Report, data);
                next = (next + 1) % _sessions.Count;
            }

            timer.Set(due);
            Poller.IsReady(timer, PollEvents.In, -1);
            timer.Drain();
        }
    }

    private void Flood()
    {
        using var data = new Parcel();
        data.WriteBuffer(new byte[EchoStub.MessageBytes]);
        while (true)
        {
            try
            {
                _sessions[0].Post(CrowdStub.Flood, data);
            }
            catch (IpcException e) when (e.Error == IpcError.QueueFull)
            {
                _sessions[0].PostAsync(CrowdStub.Flood, data, TimeSpan.FromSeconds(60)).AsTask().GetAwaiter().GetResult();
            }
        }
    }
}
