namespace Lifeline.Ipc.Dispatch;

/// <summary>
/// Lets one request of a stub run at a time, whichever session it came through. A nested call of the chain that runs goes in at once:
/// it is waited for. No worker is held by those that wait.
/// </summary>
internal sealed class SerialGate
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Turn> _waiting = [];
    private Turn? _called;
    private bool _busy;
    private ulong _chain;

    /// <summary>Runs a request now or, if another one runs, later on a worker.</summary>
    /// <returns>Completes when it has been handled; never fails.</returns>
    internal ValueTask RunAsync(InboundRequest request)
    {
        // The calls that a handler makes are of its chain; a one-way call gets one here, so that calls back to this stub are known.
        if (request.Chain == 0)
            request.Context.Chain = ChainTable.NewChain();
        bool isNested;
        lock (_gate)
        {
            // A turn whose pool was stopped before it ran is lost with its endpoint: the others go on.
            if (_called is { IsLost: true })
                CallNext();
            if (_busy && request.Chain != _chain)
            {
                var turn = new Turn(this, request);
                _waiting.AddLast(turn);
                return new ValueTask(turn.Handled);
            }

            isNested = _busy;
            _busy = true;
            _chain = request.Chain;
        }

        return isNested ? request.ExecuteFreelyAsync() : RunInTurnAsync(request);
    }

    private ValueTask RunInTurnAsync(InboundRequest request)
    {
        ValueTask handled = request.ExecuteFreelyAsync();
        if (!handled.IsCompleted)
            return EndLaterAsync(handled);
        End();
        return ValueTask.CompletedTask;
    }

    private async ValueTask EndLaterAsync(ValueTask handled)
    {
        await handled.ConfigureAwait(false);
        End();
    }

    private void End()
    {
        lock (_gate)
            CallNext();
    }

    private void CallNext()
    {
        do
        {
            _called = _waiting.First?.Value;
            if (_called is null)
            {
                _busy = false;
                _chain = 0;
                return;
            }

            _waiting.RemoveFirst();
        }
        while (!_called.TryCall());
        _chain = _called.Request.Chain;
    }

    private void Begin()
    {
        lock (_gate)
            _called = null;
    }

    /// <summary>A request that waits.</summary>
    private sealed class Turn(SerialGate gate, InboundRequest request) : IWorkItem
    {
        private readonly TaskCompletionSource _handled = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal InboundRequest Request => request;

        internal Task Handled => _handled.Task;

        internal bool IsLost => request.Lane is { Pool.IsStopped: true };

        /// <summary>Gives it to a worker. One whose caller waits gets a thread even if all are busy: they may wait for this very stub.</summary>
        internal bool TryCall()
        {
            if (IsLost)
                return false;
            if (request.Lane is not { } lane)
                ThreadPool.UnsafeQueueUserWorkItem(static turn => turn.Run(), this, preferLocal: false);
            else if (!request.Context.IsOneWay)
                lane.Pool.EnqueueNested(this);
            else
                lane.Enqueue(this);
            return true;
        }

        public void Run()
        {
            gate.Begin();
            ValueTask handled = gate.RunInTurnAsync(request);
            if (handled.IsCompleted)
                _handled.SetResult();
            else
                _ = FinishAsync(handled);
        }

        private async Task FinishAsync(ValueTask handled)
        {
            await handled.ConfigureAwait(false);
            _handled.SetResult();
        }
    }
}
