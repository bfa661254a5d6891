using System.Text;
using Lifeline.Ipc.Calls;
using Lifeline.Linux;

namespace Lifeline.Ipc;

// Asking a stub what it has to say about itself.
public sealed partial class IpcProxy
{
    /// <summary>The bytes of the longest dump that <see cref="DumpTextAsync"/> returns; the rest is cut off: 1 MiB.</summary>
    public const int MaxDumpText = 1 << 20;

    /// <summary>Has the stub write what is worth knowing about it, for people.</summary>
    /// <param name="output">Where to: any file, pipe or socket; duplicated, the caller keeps its own.</param>
    /// <param name="arguments">What to tell; their meaning is the stub's. At most 64.</param>
    /// <param name="timeout">How long to wait; null for <see cref="IpcEndpointOptions.CallTimeout"/>.</param>
    /// <param name="cancellationToken">Releases the caller.</param>
    /// <returns>A task that completes when all is written.</returns>
    /// <exception cref="IpcException"><see cref="IpcError.PermissionDenied"/>: <see cref="IpcStub.MayDump"/> says no; or as for <see cref="CallAsync"/>.</exception>
    public async ValueTask DumpAsync(Descriptor output, IReadOnlyCollection<string>? arguments = null, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(output);
        ObjectDisposedException.ThrowIf(_disposed, this);
        using var data = new Parcel();
        data.WriteDescriptor(output);
        data.WriteStrings(arguments ?? []);
        (await _target.CallAsync(BuiltInCodes.Dump, data, timeout, cancellationToken).ConfigureAwait(false)).Dispose();
    }

    /// <summary>The same as text.</summary>
    /// <param name="arguments">What to tell; their meaning is the stub's. At most 64.</param>
    /// <param name="timeout">How long to wait; null for <see cref="IpcEndpointOptions.CallTimeout"/>.</param>
    /// <param name="cancellationToken">Releases the caller.</param>
    /// <returns>At most <see cref="MaxDumpText"/> bytes of it; the peer may write anything.</returns>
    /// <exception cref="IpcException">As for <see cref="DumpAsync"/>.</exception>
    public async ValueTask<string> DumpTextAsync(IReadOnlyCollection<string>? arguments = null, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        // Of a fixed size: the peer cannot fill this process's memory through it.
        using var memory = MemoryFile.Create("lifeline-dump", MaxDumpText);
        memory.Seal(MemorySeals.Grow | MemorySeals.Shrink);
        try
        {
            await DumpAsync(memory, arguments, timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (IpcException e) when (e.Error == IpcError.TooLarge)
        {
            // What fits is there.
        }

        byte[] text = new byte[Math.Clamp(memory.Seek(0, SeekOrigin.Current), 0, MaxDumpText)];
        int length = memory.ReadAt(text, 0);
        return Encoding.UTF8.GetString(text, 0, length);
    }
}
