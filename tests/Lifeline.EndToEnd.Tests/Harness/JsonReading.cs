using System.Text.Json;

namespace Lifeline.EndToEnd.Tests.Harness;

/// <summary>The fields of a service's and an event's JSON by their names.</summary>
internal static class JsonReading
{
    public static string State(this JsonElement service) => service.GetProperty("state").GetString()!;

    public static string Health(this JsonElement service) => service.GetProperty("health").GetString()!;

    public static int Pid(this JsonElement service) =>
        service.GetProperty("pid").ValueKind == JsonValueKind.Number ? service.GetProperty("pid").GetInt32() : 0;

    public static int Generation(this JsonElement element) =>
        element.GetProperty("generation").ValueKind == JsonValueKind.Number ? element.GetProperty("generation").GetInt32() : 0;

    public static string? StatusText(this JsonElement service) =>
        service.GetProperty("status").ValueKind == JsonValueKind.Object ? service.GetProperty("status").GetProperty("text").GetString() : null;

    public static long Id(this JsonElement element) => element.GetProperty("id").GetInt64();

    public static string Kind(this JsonElement element) => element.GetProperty("kind").GetString()!;

    public static string? Service(this JsonElement element) => element.GetProperty("service").GetString();

    public static JsonElement Data(this JsonElement element) => element.GetProperty("data");
}
