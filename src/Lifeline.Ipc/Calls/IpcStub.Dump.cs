using System.Text;
using Lifeline.Ipc.Diagnostics;
using Lifeline.Linux;

namespace Lifeline.Ipc;

// What a stub tells about itself to whoever asks: `IpcProxy.DumpAsync`.
public abstract partial class IpcStub
{
    // Of a pipe that can be written at all, so many bytes are taken without waiting.
    private const int DumpChunk = 4096;

    private static readonly TimeSpan s_dumpPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_dumpPause = TimeSpan.FromMilliseconds(10);

    /// <summary>Whether a process may ask for a dump. Unless overridden: root, and the user that this process runs as.</summary>
    /// <param name="caller">Who asks, as the kernel knows it.</param>
    protected internal virtual bool MayDump(CallerIdentity caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return caller.Uid == 0 || caller.Uid == CallerIdentity.Self.Uid;
    }

    /// <summary>Writes what is worth knowing about this stub, for people. Unless overridden: its interface, who holds it, and the statistics of its calls.</summary>
    /// <param name="output">Where to write, best with <see cref="WriteDumpAsync"/>: the caller's file, pipe or socket, closed when the task completes.</param>
    /// <param name="arguments">What the caller asks for, at most 64; the meaning is the stub's.</param>
    /// <param name="context">Who asks; <see cref="MayDump"/> allowed it.</param>
    /// <returns>A task that completes when all is written.</returns>
    protected internal virtual ValueTask OnDumpAsync(Descriptor output, IReadOnlyList<string> arguments, CallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return WriteDumpAsync(output, StubDump.Describe(this, context), context);
    }

    /// <summary>Writes text to the output of a dump without ever blocking a worker: a reader that does not read is given up after 10 s.</summary>
    /// <param name="output">The output.</param>
    /// <param name="text">Written as UTF-8.</param>
    /// <param name="context">The dump's.</param>
    /// <returns>A task that completes when it is written.</returns>
    /// <exception cref="IpcException"><see cref="IpcError.Timeout"/>: nobody reads; <see cref="IpcError.TooLarge"/>: the output takes no more (a full disk, memory of a fixed size).</exception>
    /// <exception cref="OperationCanceledException">The caller no longer waits.</exception>
    protected static async ValueTask WriteDumpAsync(Descriptor output, string text, CallContext context)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(context);
        TimeProvider time = context.Session?.Endpoint.Options.TimeProvider ?? TimeProvider.System;
        long start = time.GetTimestamp();
        ReadOnlyMemory<byte> left = Encoding.UTF8.GetBytes(text);
        while (!left.IsEmpty)
        {
            if (Poller.IsReady(output, PollEvents.Out))
                left = left[WriteSome(output, left.Span)..];
            else if (time.GetElapsedTime(start) > s_dumpPatience)
                throw new IpcException(IpcError.Timeout, $"Nobody reads the dump: {left.Length} bytes are left after {s_dumpPatience.TotalSeconds:0} s.");
            else
                await Task.Delay(s_dumpPause, time, context.Cancelled).ConfigureAwait(false);
        }
    }

    private static int WriteSome(Descriptor output, ReadOnlySpan<byte> text)
    {
        try
        {
            return Math.Max(0, output.Write(text[..Math.Min(DumpChunk, text.Length)]));
        }
        catch (LinuxException e)
        {
            throw new IpcException(IpcError.TooLarge, $"The output of the dump takes no more: {e.Message}", e);
        }
    }
}
