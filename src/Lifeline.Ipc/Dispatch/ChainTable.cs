using System.Runtime.InteropServices;
using Lifeline.Ipc.Calls;
using Lifeline.Linux;

namespace Lifeline.Ipc.Dispatch;

/// <summary>Which chains of nested calls are waiting for a reply in this endpoint, and on which threads.</summary>
internal sealed class ChainTable
{
    private const int RandomBlock = 64;

    [ThreadStatic]
    private static ulong[]? t_random;
    [ThreadStatic]
    private static int t_used;

    // Most chains have one call, and few are under way: they have a place of their own. The others share a list.
    private const int Places = 64;

    private readonly Lock _gate = new();
    private readonly PendingCall?[] _places = new PendingCall?[Places];
    private readonly List<PendingCall> _others = [];
    private int _otherCount;

    /// <summary>A number for a new chain. Random, so that no peer can guess one and have its request run on another's waiting thread.</summary>
    internal static ulong NewChain()
    {
        if (t_random is null || t_used == RandomBlock)
        {
            t_random ??= new ulong[RandomBlock];
            RandomBytes.Fill(MemoryMarshal.AsBytes(t_random.AsSpan()));
            t_used = 0;
        }

        return t_random[t_used++] | 1;
    }

    internal void Enter(PendingCall call)
    {
        if (Interlocked.CompareExchange(ref Place(call.Chain), call, null) is null)
            return;
        lock (_gate)
        {
            _others.Add(call);
            Volatile.Write(ref _otherCount, _others.Count);
        }
    }

    internal void Leave(PendingCall call)
    {
        if (Interlocked.CompareExchange(ref Place(call.Chain), null, call) == call)
            return;
        lock (_gate)
        {
            // The latest are the first to leave.
            int index = _others.LastIndexOf(call);
            if (index >= 0)
                _others.RemoveAt(index);
            Volatile.Write(ref _otherCount, _others.Count);
        }
    }

    /// <summary>Whether a chain may be waiting here. A guess: <see cref="TryServe"/> knows.</summary>
    internal bool IsWaiting(ulong chain) => chain != 0 && (Volatile.Read(ref Place(chain))?.Chain == chain || Volatile.Read(ref _otherCount) > 0);

    /// <summary>Gives a request to the thread on which its chain waits.</summary>
    /// <param name="request">A nested call, perhaps.</param>
    /// <param name="chainWaitsHere">Whether the chain waits in this endpoint at all.</param>
    /// <returns>Whether a thread took it.</returns>
    internal bool TryServe(InboundRequest request, out bool chainWaitsHere)
    {
        chainWaitsHere = false;
        ulong chain = request.Chain;
        if (chain == 0)
            return false;
        if (Volatile.Read(ref _otherCount) > 0)
        {
            lock (_gate)
            {
                for (int i = _others.Count - 1; i >= 0; i--)
                {
                    if (_others[i].Chain != chain)
                        continue;
                    chainWaitsHere = true;
                    if (_others[i].TryOffer(request))
                        return true;
                }
            }
        }

        if (Volatile.Read(ref Place(chain)) is not { } first || first.Chain != chain)
            return false;
        chainWaitsHere = true;
        return first.TryOffer(request);
    }

    // Numbers of chains are odd.
    private ref PendingCall? Place(ulong chain) => ref _places[(int)(chain >> 1) & (Places - 1)];
}
