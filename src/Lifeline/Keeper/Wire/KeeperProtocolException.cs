namespace Lifeline.Keeper;

/// <summary>A message between keeper, monitor and launcher is too large, too short or breaks a limit of <see cref="KeeperProtocol"/>.</summary>
internal sealed class KeeperProtocolException : IOException
{
    public KeeperProtocolException(string message)
        : base(message)
    {
    }

    public KeeperProtocolException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public KeeperProtocolException()
    {
    }
}
