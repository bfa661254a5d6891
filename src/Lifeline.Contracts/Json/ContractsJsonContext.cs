using System.Text.Json.Serialization;

namespace Lifeline.Contracts;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = 16,
    Converters = [
        typeof(ServiceStateConverter), typeof(ServiceHealthConverter), typeof(DeathReasonConverter),
        typeof(ReclaimKindConverter), typeof(ReclaimOutcomeConverter), typeof(TimeConverter)])]
[JsonSerializable(typeof(ServiceSnapshot))]
[JsonSerializable(typeof(IReadOnlyList<ServiceSnapshot>))]
[JsonSerializable(typeof(ServiceOutline))]
[JsonSerializable(typeof(ServiceEvent))]
[JsonSerializable(typeof(AlertOverview))]
[JsonSerializable(typeof(IReadOnlyList<ReclaimStep>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, StatusValue>))]
internal sealed partial class ContractsJsonContext : JsonSerializerContext;
