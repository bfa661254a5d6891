using System.Text;
using Lifeline.Ipc.Hostile.Peers;

namespace Lifeline.Ipc.Hostile.Fuzzing;

/// <summary>Something that reads what a peer wrote.</summary>
/// <param name="Name">Its name on the command line, and of its folder in the corpus.</param>
/// <param name="MaxLength">Inputs are no longer.</param>
/// <param name="Run">Reads an input. Whatever is thrown but the errors that are meant for bad input is a finding.</param>
/// <param name="Seeds">Good inputs to begin with.</param>
internal sealed record FuzzTarget(string Name, int MaxLength, FuzzTarget.Reader Run, Func<IEnumerable<byte[]>> Seeds)
{
    internal delegate void Reader(ReadOnlySpan<byte> input);

    internal static IReadOnlyList<FuzzTarget> All { get; } =
    [
        .. ProtocolTargets.All,
        .. ParcelTargets.All,
        .. MemoryTargets.All,
        .. ContractTargets.All,
        SessionTarget.Instance,
    ];

    /// <summary>Errors that tell a peer that its bytes are wrong.</summary>
    internal static bool IsExpected(Exception e) =>
        e is IpcException or Protocol.ProtocolViolationException or SharedStreamException or Lifeline.Contracts.StatusLimitException;

    /// <summary>Runs one input.</summary>
    internal void Feed(ReadOnlySpan<byte> input)
    {
        try
        {
            Run(input);
        }
        catch (Exception e) when (IsExpected(e))
        {
            // Refused, as it should be.
        }
    }

    /// <summary>An input that comes from a good one.</summary>
    internal byte[] Mutate(IReadOnlyList<byte[]> corpus, Random random)
    {
        byte[] input = [.. corpus[random.Next(corpus.Count)]];
        for (int changes = random.Next(1, 9); changes > 0; changes--)
        {
            switch (random.Next(10))
            {
                case 0:
                    input = input[..random.Next(input.Length + 1)];
                    break;
                case 1:
                    byte[] more = new byte[random.Next(64)];
                    random.NextBytes(more);
                    input = [.. input, .. more];
                    break;
                case 2:
                    byte[] other = corpus[random.Next(corpus.Count)];
                    input = [.. input[..random.Next(input.Length + 1)], .. other[random.Next(other.Length + 1)..]];
                    break;
                case 3 when input.Length > 4:
                    // Something twice.
                    int from = random.Next(input.Length);
                    int length = random.Next(Math.Min(64, input.Length - from) + 1);
                    int to = random.Next(input.Length);
                    input = [.. input[..to], .. input.AsSpan(from, length), .. input[to..]];
                    break;
                default:
                    Mutations.Change(input, random);
                    break;
            }
        }

        return input.Length > MaxLength ? input[..MaxLength] : input;
    }

    internal static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
