using System.Runtime.CompilerServices;

namespace Lifeline.Ipc.Diagnostics;

/// <summary>The rows of one stub in one session, by request code. Asked by who receives, one thread at a time; read by anybody.</summary>
internal sealed class StubRows(string descriptor, StatisticsBook book, CodeRow other)
{
    // Codes below it are found by index, as services number theirs from 1.
    private const int DirectCodes = 64;

    private readonly Lock _gate = new();
    private CodeRow?[] _direct = [];
    private Dictionary<uint, CodeRow>? _others;
    private bool _retired;

    /// <summary>The row of a code.</summary>
    internal CodeRow this[uint code]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            CodeRow?[] direct = _direct;
            return code < (uint)direct.Length && direct[code] is { } row ? row : Find(code);
        }
    }

    internal void Read(List<IpcCallStatistics> into, CallerIdentity peer, long session, TimeProvider time)
    {
        lock (_gate)
        {
            foreach (CodeRow row in Rows())
                into.Add(row.Read(peer, session, time));
        }
    }

    /// <summary>The stub is given back, or the session has ended.</summary>
    internal void Retire()
    {
        lock (_gate)
        {
            if (_retired)
                return;
            _retired = true;
            foreach (CodeRow row in Rows())
                book.Retire(row);
        }
    }

    private IEnumerable<CodeRow> Rows() => _direct.OfType<CodeRow>().Concat(_others?.Values ?? Enumerable.Empty<CodeRow>());

    [MethodImpl(MethodImplOptions.NoInlining)]
    private CodeRow Find(uint code)
    {
        lock (_gate)
        {
            if (_others?.GetValueOrDefault(code) is { } known)
                return known;
            if (_retired || book.TryCreate(descriptor, code) is not { } row)
                return other;
            if (code >= DirectCodes)
            {
                (_others ??= []).Add(code, row);
                return row;
            }

            if (code >= _direct.Length)
            {
                var larger = new CodeRow?[Math.Min(DirectCodes, (int)System.Numerics.BitOperations.RoundUpToPowerOf2(code + 1))];
                _direct.CopyTo(larger, 0);
                _direct = larger;
            }

            _direct[code] = row;
            return row;
        }
    }
}
