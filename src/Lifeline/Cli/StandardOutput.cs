using Lifeline.Linux;

namespace Lifeline.Cli;

/// <summary>Looks at the descriptor of standard output, which <see cref="StandardStream"/> writes to without a word when nobody reads it any more.</summary>
internal static class StandardOutput
{
    private const int Number = 1;

    // Held for the life of the process: closing it would close standard output.
    private static Descriptor? descriptor;

    public static bool IsClosed()
    {
        descriptor ??= Descriptor.Adopt(Number);
        Span<PollItem> items = [new PollItem { Descriptor = descriptor }];
        Poller.Poll(items, 0);
        return (items[0].Returned & PollEvents.Error) != 0;
    }
}
