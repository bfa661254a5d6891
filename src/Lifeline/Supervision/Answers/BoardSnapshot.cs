using System.Text.Json;
using Lifeline.Contracts;

namespace Lifeline.Supervision;

/// <summary>How the state of a service stands on the board: as its JSON, with less detail if it does not fit.</summary>
internal static class BoardSnapshot
{
    /// <summary>Most bytes of one service.</summary>
    public const int MaxBytes = 4096;

    private const int ShortText = 256;

    // From what is missed least to what a table needs most. The last one always fits: names are bounded.
    private static readonly Func<ServiceSnapshot, ServiceSnapshot>[] Reductions =
    [
        whole => whole,
        whole => whole with { LastDeath = whole.LastDeath is { } death ? death with { Reclaimed = [] } : null },
        whole => whole with { Status = whole.Status is { } status ? status with { Fields = StatusReport.NoFields } : null },
        whole => whole with { Status = whole.Status is { Text.Length: > ShortText } status ? status with { Text = status.Text[..ShortText] } : whole.Status },
        whole => whole with { Status = null, LastDeath = null, DependsOn = null, Because = null },
    ];

    public static byte[] Encode(ServiceSnapshot snapshot)
    {
        foreach (var reduce in Reductions)
        {
            snapshot = reduce(snapshot);
            var json = JsonSerializer.SerializeToUtf8Bytes(snapshot, ContractsJson.Snapshot);
            if (json.Length <= MaxBytes)
                return json;
        }

        throw new InvalidOperationException($"{snapshot.Name} takes more than {MaxBytes} bytes without any detail.");
    }

    /// <summary>Null for what is no service: the file may be anybody's.</summary>
    public static ServiceSnapshot? Decode(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ContractsJson.Snapshot);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
