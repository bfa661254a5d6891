using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Lifeline.Ipc.Calls;

namespace Lifeline.Ipc.Dispatch;

/// <summary>Which chains of nested calls are waiting for a reply in this endpoint, and on which threads.</summary>
internal sealed class ChainTable
{
    private const int RandomBlock = 64;

    [ThreadStatic]
    private static ulong[]? t_random;
    [ThreadStatic]
    private static int t_used;

    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, List<PendingCall>> _waiting = [];

    /// <summary>A number for a new chain. Random, so that no peer can guess one and have its request run on another's waiting thread.</summary>
    internal static ulong NewChain()
    {
        if (t_random is null || t_used == RandomBlock)
        {
            t_random ??= new ulong[RandomBlock];
            RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(t_random.AsSpan()));
            t_used = 0;
        }

        return t_random[t_used++] | 1;
    }

    internal void Enter(PendingCall call)
    {
        lock (_gate)
        {
            ref List<PendingCall>? calls = ref CollectionsMarshal.GetValueRefOrAddDefault(_waiting, call.Chain, out _);
            (calls ??= new List<PendingCall>(1)).Add(call);
        }
    }

    internal void Leave(PendingCall call)
    {
        lock (_gate)
        {
            if (_waiting.TryGetValue(call.Chain, out List<PendingCall>? calls) && calls.Remove(call) && calls.Count == 0)
                _waiting.Remove(call.Chain);
        }
    }

    /// <summary>Gives a request to the thread on which its chain waits.</summary>
    /// <param name="request">A nested call, perhaps.</param>
    /// <param name="chainWaitsHere">Whether the chain waits in this endpoint at all.</param>
    /// <returns>Whether a thread took it.</returns>
    internal bool TryServe(InboundRequest request, out bool chainWaitsHere)
    {
        chainWaitsHere = false;
        if (request.Chain == 0)
            return false;
        lock (_gate)
        {
            if (!_waiting.TryGetValue(request.Chain, out List<PendingCall>? calls))
                return false;
            chainWaitsHere = true;
            for (int i = calls.Count - 1; i >= 0; i--)
            {
                if (calls[i].TryOffer(request))
                    return true;
            }
        }

        return false;
    }
}
