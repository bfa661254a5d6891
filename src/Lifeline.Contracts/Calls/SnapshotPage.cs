using System.Text.Json;
using Lifeline.Ipc;

namespace Lifeline.Contracts;

/// <summary>Snapshots in pages: each as its JSON, then where the next page begins, -1 at the end.</summary>
internal static class SnapshotPage
{
    public const int MaxServices = 100_000;

    public static void Write(Parcel reply, IReadOnlyList<ServiceSnapshot> snapshots, int first)
    {
        var next = first;
        var used = 0;
        var page = new List<byte[]>();
        while (next < snapshots.Count)
        {
            var json = Encode(snapshots[next]);
            if (page.Count != 0 && used + json.Length > CallLimits.PageBytes)
                break;
            page.Add(json);
            used += json.Length + 4;
            next++;
        }

        reply.WriteInt32(page.Count);
        foreach (var json in page)
            reply.WriteBytes(json);
        reply.WriteInt32(next < snapshots.Count ? next : -1);
    }

    /// <summary>Returns where the next page begins, or -1.</summary>
    public static int Read(Parcel reply, int first, List<ServiceSnapshot> snapshots)
    {
        var count = reply.ReadCount(MaxServices, "The number of services");
        for (var index = 0; index < count; index++)
            snapshots.Add(Decode(reply.ReadBytes()));
        var next = reply.ReadInt32();
        if (next != -1 && (next <= first || next > MaxServices))
            throw new IpcException(IpcError.ParcelRead, $"The page of services after {first} begins at {next}.");
        return next;
    }

    private static byte[] Encode(ServiceSnapshot snapshot)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(snapshot, ContractsJson.Snapshot);
        while (json.Length > CallLimits.PageBytes && snapshot.LastDeath is { Reclaimed.Count: > 0 } death)
        {
            // The steps are the only part that can be long; the event of the reclaim has them all.
            snapshot = snapshot with { LastDeath = death with { Reclaimed = [.. death.Reclaimed.Take(death.Reclaimed.Count / 2)] } };
            json = JsonSerializer.SerializeToUtf8Bytes(snapshot, ContractsJson.Snapshot);
        }

        return json;
    }

    private static ServiceSnapshot Decode(byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ContractsJson.Snapshot)
                ?? throw new IpcException(IpcError.ParcelRead, "The JSON of a service is null.");
        }
        catch (JsonException e)
        {
            throw new IpcException(IpcError.ParcelRead, $"The JSON of a service cannot be read: {e.Message}", e);
        }
    }
}
