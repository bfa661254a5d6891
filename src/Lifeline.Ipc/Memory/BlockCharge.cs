namespace Lifeline.Ipc;

/// <summary>One block on the account of its sender: as long as an object or a map of it exists. Also one that was forgotten is given back, by the garbage collector.</summary>
internal sealed class BlockCharge(BlockAccount account, long bytes)
{
    private int _holds = 1;

    ~BlockCharge()
    {
        if (_holds > 0)
            account.GiveBack(bytes);
    }

    internal BlockCharge AddHold()
    {
        Interlocked.Increment(ref _holds);
        return this;
    }

    internal void Release()
    {
        if (Interlocked.Decrement(ref _holds) != 0)
            return;
        account.GiveBack(bytes);
        GC.SuppressFinalize(this);
    }
}
