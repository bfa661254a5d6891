using CsCheck;

namespace Lifeline.Contracts.Tests;

internal static class Generators
{
    // No surrogates: a lone one cannot be spelled in UTF-8, which has its own tests.
    private static readonly Gen<char> AnyChar = Gen.OneOf(Gen.Char['a', 'z'], Gen.Char['\0', '\ud7ff'], Gen.Char['\ue000', '\ufffd']);

    public static readonly Gen<string> ShortText = Gen.String[AnyChar, 0, 21];

    public static readonly Gen<string> Name = Gen.String[Gen.Char['a', 'z'], 1, 60];

    public static readonly Gen<DateTimeOffset> Time =
        Gen.Long[0, DateTimeOffset.MaxValue.UtcTicks].Select(ticks => new DateTimeOffset(ticks, TimeSpan.Zero));

    public static readonly Gen<DateTimeOffset> TimeInMilliseconds =
        Gen.Long[0, 4_000_000_000_000].Select(DateTimeOffset.FromUnixTimeMilliseconds);

    public static readonly Gen<StatusValue> Value = Gen.OneOf(
        Gen.Long.Select(value => new StatusValue(value)),
        Gen.Double.Where(double.IsFinite).Select(value => new StatusValue(value)),
        Gen.Int.Select(value => new StatusValue((double)value)),
        Gen.Bool.Select(value => new StatusValue(value)),
        ShortText.Select(value => new StatusValue(value)));

    public static readonly Gen<IReadOnlyDictionary<string, StatusValue>> Fields =
        Gen.Dictionary(Gen.String[AnyChar, 1, 16], Value)[0, StatusLimits.MaxFields].Select(IReadOnlyDictionary<string, StatusValue> (fields) => fields);

    public static readonly Gen<ServiceHealth> Health = Gen.Enum<ServiceHealth>();

    public static readonly Gen<StatusReport> Report =
        Gen.Select(Health, Gen.Int, Gen.String[AnyChar, 0, 300], Fields, Gen.Int[0, 2], Gen.Long, Gen.Long)
            .Select((health, code, text, fields, ready, sequence, at) => new StatusReport
            {
                Health = health,
                Code = code,
                Text = text,
                Fields = fields,
                Ready = ready switch { 0 => null, 1 => false, _ => true },
                Sequence = sequence,
                AtNanoseconds = at,
            });

    public static readonly Gen<ReclaimStep> Step =
        Gen.Select(Gen.Enum<ReclaimKind>(), ShortText, Gen.Enum<ReclaimOutcome>(), ShortText.Null())
            .Select((kind, what, outcome, reason) => new ReclaimStep(kind, what, outcome, reason));

    public static readonly Gen<SnapshotDeath> Death =
        Gen.Select(TimeInMilliseconds, Gen.Enum<DeathReason>(), Gen.Int[1, 64].Nullable(), Gen.Long.Nullable(), Step.List[0, 5])
            .Select((at, reason, signal, took, steps) => new SnapshotDeath
            {
                At = at,
                Reason = reason,
                Signal = signal,
                DetectUs = took,
                RestartUs = took,
                Reclaimed = steps,
            });

    public static readonly Gen<ServiceSnapshot> Snapshot =
        Gen.Select(Name, Gen.Enum<ServiceState>(), Gen.Int.Nullable(), Report, Death.Null(), TimeInMilliseconds, Gen.Double[0, 1e9].Nullable())
            .Select((name, state, pid, report, death, at, cpu) => new ServiceSnapshot
            {
                Name = name,
                State = state,
                Health = report.Health,
                Pid = pid,
                Generation = report.Code,
                StartedAt = at,
                Status = new SnapshotStatus { Code = report.Code, Text = report.Text, At = at, Fields = report.Fields, Sequence = report.Sequence },
                LastDeath = death,
                CpuSeconds = cpu,
            });

    public static readonly Gen<ServiceEvent> Event =
        Gen.Select(Gen.Long[1, long.MaxValue], Time, Name.Null(), Gen.Int[0, int.MaxValue], Name, ShortText)
            .Select((id, at, service, generation, kind, text) => new ServiceEvent
            {
                Id = id,
                At = at,
                Service = service,
                Generation = generation,
                Kind = kind,
                DataJson = $$"""{"text":"{{text.Length}}"}""",
            });
}
