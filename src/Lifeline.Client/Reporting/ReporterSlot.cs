using System.Runtime.InteropServices;
using Lifeline.Contracts;
using Lifeline.Linux;

namespace Lifeline.Client;

/// <summary>
/// The memory of the status slot: a memfd, sealed against shrinking, which lives as long as anyone holds it. Without a monitor
/// to hand it to it is plain memory, so that the reporter is silent on systems that are not Linux, too.
/// Not thread-safe: the reporter's lock guards it.
/// </summary>
internal sealed unsafe class ReporterSlot : IDisposable
{
    private readonly MemoryMapping? _mapping;
    private readonly void* _plain;
    private readonly int _length;

    private ReporterSlot(MemoryFile file, MemoryMapping mapping, int generation)
    {
        File = file;
        _mapping = mapping;
        _length = mapping.Length;
        Writer = new StatusSlotWriter(mapping.Pointer, mapping.Length, generation);
    }

    private ReporterSlot(int generation)
    {
        _length = StatusSlot.Size;
        _plain = NativeMemory.AlignedAlloc(StatusSlot.Size, 64);
        Writer = new StatusSlotWriter((byte*)_plain, StatusSlot.Size, generation);
    }

    /// <summary>What is handed to the monitor; null if there is none.</summary>
    public MemoryFile? File { get; }

    public StatusSlotWriter Writer { get; }

    /// <summary>The time of a report, comparable with that of other processes; 0 where nobody compares.</summary>
    public long Now => File is null ? 0 : MonotonicClock.Nanoseconds;

    public static ReporterSlot Create(bool isShared, int generation)
    {
        if (!isShared)
            return new ReporterSlot(generation);
        var file = MemoryFile.Create("lifeline-status", StatusSlot.Size);
        try
        {
            file.Seal(MemorySeals.Shrink | MemorySeals.Grow | MemorySeals.Seal);
            return new ReporterSlot(file, file.Map(0, StatusSlot.Size, writable: true), generation);
        }
        catch (LinuxException)
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>What was reported last; null if nothing was.</summary>
    public StatusReport? ReadLast()
    {
        var memory = _mapping is null ? (byte*)_plain : _mapping.Pointer;
        return StatusSlot.TryRead(new ReadOnlySpan<byte>(memory, _length), out var reading, out _) ? reading!.Report : null;
    }

    public void Dispose()
    {
        _mapping?.Dispose();
        File?.Dispose();
        NativeMemory.AlignedFree(_plain);
    }
}
