using Lifeline.Contracts;
using Lifeline.Linux;

namespace Lifeline.Client.Tests;

/// <summary>A reporter as a monitor holds it: its stub, and its slot mapped to read.</summary>
internal sealed class Registered : IDisposable
{
    private readonly RegistrationRequest _request;
    private readonly MemoryFile _file;
    private readonly MemoryMapping _mapping;

    public Registered(RegistrationRequest request, int pid)
    {
        _request = request;
        Pid = pid;
        _file = MemoryFile.FromDescriptor(request.StatusSlot!);
        Seals = _file.Seals;
        _mapping = _file.Map(0, StatusSlot.Size, writable: false);
    }

    public int Pid { get; }

    public MemorySeals Seals { get; }

    public string? Service => _request.Service;

    public int? Generation => _request.Generation;

    public string? Death { get; private set; }

    public MonitoredServiceProxy Proxy => new(_request.Reporter);

    public StatusReport? Read() => StatusSlot.TryRead(_mapping.Span, out var reading, out _) ? reading!.Report : null;

    public void WatchDeath(Signal changed) => _request.Reporter.AddDeathRecipient(notice =>
    {
        Death = notice.Reason;
        changed.Raise();
    });

    public void Dispose()
    {
        _mapping.Dispose();
        _file.Dispose();
        _request.Dispose();
    }
}
