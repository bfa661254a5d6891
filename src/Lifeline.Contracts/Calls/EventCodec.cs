using System.Text;
using Lifeline.Ipc;

namespace Lifeline.Contracts;

/// <summary>Queries for events and the pages that answer them.</summary>
internal static class EventCodec
{
    private const int MaxKindBytes = 64;
    private const string Truncated = """{"truncated":true}""";

    public static void WriteQuery(Parcel data, EventQuery query)
    {
        data.WriteBoolean(query.AfterId is not null);
        data.WriteInt64(query.AfterId ?? 0);
        data.WriteOptionalTime(query.Since);
        data.WriteOptionalText(query.Service, CallLimits.MaxFilterBytes, "The list of services");
        data.WriteCount(query.Limit, CallLimits.MaxEvents, "The number of events");
        data.WriteDuration(query.Wait);
        data.WriteOptionalText(query.Kind, CallLimits.MaxFilterBytes, "The list of kinds");
        data.WriteOptionalTime(query.Until);
    }

    public static EventQuery ReadQuery(Parcel data)
    {
        var isAfter = data.ReadBoolean();
        var after = data.ReadInt64();
        return new EventQuery
        {
            AfterId = isAfter ? after : null,
            Since = data.ReadOptionalTime(),
            Service = data.ReadOptionalText(CallLimits.MaxFilterBytes, "The list of services"),
            Limit = data.ReadCount(CallLimits.MaxEvents, "The number of events"),
            Wait = data.ReadWait(),

            // A client of the first version does not send these.
            Kind = data.ReadableBytes > 0 ? data.ReadOptionalText(CallLimits.MaxFilterBytes, "The list of kinds") : null,
            Until = data.ReadableBytes > 0 ? data.ReadOptionalTime() : null,
        };
    }

    public static void WritePage(Parcel reply, EventPage page)
    {
        var data = new List<byte[]>(page.Events.Count);
        var used = 0;
        foreach (var serviceEvent in page.Events.Take(CallLimits.MaxEvents))
        {
            var json = Encoding.UTF8.GetBytes(serviceEvent.DataJson);
            if (json.Length > ServiceEvent.MaxDataBytes)
                json = Encoding.UTF8.GetBytes(Truncated);
            used += json.Length + MaxKindBytes + CallLimits.MaxNameBytes + 32;
            if (data.Count != 0 && used > CallLimits.PageBytes)
                break;
            data.Add(json);
        }

        reply.WriteInt32(data.Count);
        for (var index = 0; index < data.Count; index++)
            WriteEvent(reply, page.Events[index], data[index]);
        reply.WriteInt64(data.Count == page.Events.Count ? page.LastId : page.Events[data.Count - 1].Id);
    }

    public static EventPage ReadPage(Parcel reply)
    {
        var events = new ServiceEvent[reply.ReadCount(CallLimits.MaxEvents, "The number of events")];
        for (var index = 0; index < events.Length; index++)
        {
            events[index] = new ServiceEvent
            {
                Id = reply.ReadInt64(),
                At = reply.ReadTime(),
                Service = reply.ReadOptionalText(CallLimits.MaxNameBytes, "The name of a service"),
                Generation = reply.ReadInt32(),
                Kind = reply.ReadText(MaxKindBytes, "The kind of an event"),
                DataJson = reply.ReadText(ServiceEvent.MaxDataBytes, "The data of an event"),
            };
        }

        return new EventPage(events, reply.ReadInt64());
    }

    private static void WriteEvent(Parcel reply, ServiceEvent serviceEvent, byte[] data)
    {
        reply.WriteInt64(serviceEvent.Id);
        reply.WriteTime(serviceEvent.At);
        reply.WriteOptionalText(serviceEvent.Service, CallLimits.MaxNameBytes, "The name of a service");
        reply.WriteInt32(serviceEvent.Generation);
        reply.WriteText(serviceEvent.Kind, MaxKindBytes, "The kind of an event");
        reply.WriteBytes(data);
    }
}
