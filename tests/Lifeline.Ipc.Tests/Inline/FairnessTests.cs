using System.Buffers.Binary;
using Lifeline.Ipc.Rings;
using Lifeline.Ipc.Tests.Fixtures;
using Lifeline.Ipc.Tests.Rings;

namespace Lifeline.Ipc.Tests.Inline;

/// <summary>What one peer that floods costs another one.</summary>
public sealed class FairnessTests
{
    private const int Waiting = 2500;
    private const int Rounds = 200;

    /// <summary>
    /// What waits lies in the ring when the flood has begun: so how the threads are scheduled decides nothing, with one exception. A thread that was kept from
    /// running in the middle of a batch loses the lead, and workers take the next requests, side by side with it: such a round tells nothing.
    /// </summary>
    [Fact]
    public async Task Between_two_requests_of_a_session_that_has_more_a_flooder_has_no_more_handled_than_is_stated()
    {
        for (int round = 0; round < Rounds; round++)
        {
            var turns = new Turns();
            await using var home = new IpcEndpoint(new IpcEndpointOptions { InboxMessages = 1_000_000, InboxBytes = 1 << 30, Name = "fair" });
            string path = $"@lifeline-tests-{Guid.NewGuid():N}";
            home.Listen(path, turns.Stub);
            using var good = RawRingPeer.Connect(path);
            using var flooder = RawRingPeer.Connect(path);
            for (int i = 0; i < Waiting; i++)
                good.PutSilently(RingRecord.OneWay, Request(1));
            using var over = new CancellationTokenSource();
            byte[] request = Request(2);
            Task flood = Task.Run(() =>
            {
                while (!over.IsCancellationRequested)
                    flooder.TrySend(RingRecord.OneWay, request);
            });
            await turns.Begun.Task.Soon();
            good.Ring();
            await turns.Done.Task.Soon();
            await over.CancelAsync();
            await flood.Soon();
            if (turns.IsDisturbed)
                continue;
            Assert.InRange(turns.Longest, 0, IpcSession.MaxInARow);
            return;
        }

        Assert.Skip("the machine was so busy that the thread that receives lost the lead in each round");
    }

    private static byte[] Request(uint code)
    {
        byte[] request = new byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(request, code);
        BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(4), 1);
        return request;
    }

    private sealed class Turns
    {
        private readonly Lock _gate = new();
        private int _good;
        private int _floods;

        internal Turns() => Stub = new SynchronousDelegateStub(Stubs.Descriptor, (code, _, _, _) => Note(code == 1));

        internal SynchronousDelegateStub Stub { get; }

        internal Signal Begun { get; } = new();

        internal Signal Done { get; } = new();

        internal int Longest { get; private set; }

        internal bool IsDisturbed { get; private set; }

        private void Note(bool isGood)
        {
            lock (_gate)
            {
                IsDisturbed |= Thread.CurrentThread.Name != "fair-recv";
                if (!isGood)
                {
                    if (++_floods == 5000)
                        Begun.TrySetResult();
                    return;
                }

                if (_good > 0)
                    Longest = Math.Max(Longest, _floods);
                _floods = 0;
                if (++_good == Waiting)
                    Done.TrySetResult();
            }
        }
    }
}
