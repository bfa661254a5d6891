using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Lifeline.Ipc;

namespace Lifeline.Contracts;

/// <summary>Services in pages: each as its JSON, then where the next page begins, -1 at the end.</summary>
internal static class PageCodec
{
    public const int MaxServices = 100_000;

    public static void Write(Parcel reply, ServicePage<ServiceSnapshot> page, int first) => Write(reply, page, first, Encode);

    public static void Write(Parcel reply, ServicePage<ServiceOutline> page, int first) =>
        Write(reply, page, first, outline => JsonSerializer.SerializeToUtf8Bytes(outline, ContractsJson.Outline));

    /// <summary>Returns where the next page begins, or -1.</summary>
    public static int Read<T>(Parcel reply, int first, List<T> services, JsonTypeInfo<T> type)
    {
        var count = reply.ReadCount(MaxServices, "The number of services");
        for (var index = 0; index < count; index++)
            services.Add(Decode(reply.ReadBytesInPlace(), type));
        var next = reply.ReadInt32();
        if (next != -1 && (next <= first || next > MaxServices))
            throw new IpcException(IpcError.ParcelRead, $"The page of services after {first} begins at {next}.");
        return next;
    }

    private static void Write<T>(Parcel reply, ServicePage<T> page, int first, Func<T, byte[]> encode)
    {
        var used = 0;
        var rows = new List<byte[]>();
        foreach (var service in page.Services)
        {
            var json = encode(service);
            if (rows.Count != 0 && used + json.Length > CallLimits.PageBytes)
                break;
            rows.Add(json);
            used += json.Length + 4;
        }

        reply.WriteInt32(rows.Count);
        foreach (var json in rows)
            reply.WriteBytes(json);
        // An empty page is the last one, whatever it says: it would be asked for again for ever.
        var isLast = rows.Count == 0 || (page.IsLast && rows.Count == page.Services.Count);
        reply.WriteInt32(isLast ? -1 : first + rows.Count);
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

    private static T Decode<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new IpcException(IpcError.ParcelRead, "The JSON of a service is null.");
        }
        catch (JsonException e)
        {
            throw new IpcException(IpcError.ParcelRead, $"The JSON of a service cannot be read: {e.Message}", e);
        }
    }
}
