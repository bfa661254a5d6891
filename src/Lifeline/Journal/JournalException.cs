namespace Lifeline.Journal;

/// <summary>The journal could not be opened, or what was handed to it is not on disk.</summary>
internal sealed class JournalException : IOException
{
    public JournalException()
    {
    }

    public JournalException(string message)
        : base(message)
    {
    }

    public JournalException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}
