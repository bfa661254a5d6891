using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Rings;

/// <summary>
/// Spin walks through every interleaving of docs/protocol/rings.pml: as it is written down nothing can go wrong, and each fault
/// that is put in is found, so that the model is known to see them. Needs spin and a C compiler, which ./test installs.
/// </summary>
public sealed class RingModelTests
{
    public static TheoryData<string> Protocols => ["", "FUTEX", "ASYMMETRIC", "ASYMMETRIC FUTEX", "SHORT", "CREDIT", "WAKER", "WAKER FUTEX"];

    public static TheoryData<string> Faults =>
    [
        "NO_SENDER_FENCE", "NO_RECEIVER_FENCE", "NO_SECOND_LOOK", "NO_ROOM_SENDER_FENCE", "NO_ROOM_RECEIVER_FENCE", "NO_ROOM_SECOND_LOOK",
        "LAZY_ROOM", "TAIL_FIRST", "HEAD_FIRST", "FUTEX NO_SENDER_FENCE", "FUTEX NO_SECOND_LOOK", "ASYMMETRIC NO_MEMBARRIER",
        "ASYMMETRIC NO_SECOND_LOOK", "ASYMMETRIC NO_ROOM_SECOND_LOOK", "SHORT SHORT_TAIL_FIRST", "CREDIT NO_CREDIT_SENDER_FENCE",
        "CREDIT NO_CREDIT_RECEIVER_FENCE", "CREDIT NO_CREDIT_SECOND_LOOK", "CREDIT CREDIT_LOOK_FIRST", "CREDIT CREDIT_LATE_UNITS",
        "WAKER WAKER_TAKES_ALL",
    ];

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task No_interleaving_loses_a_wake_up_or_a_record(string variant) => SpinModel.AssertHolds(await CheckAsync(variant));

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_that_is_put_in_is_found(string fault) =>
        Assert.Contains("errors: 1", await CheckAsync(fault), StringComparison.Ordinal);

    private static Task<string> CheckAsync(string variant)
    {
        // With credit, four take a gigabyte.
        int records = variant.Contains("CREDIT", StringComparison.Ordinal) ? 3 : 4;
        return SpinModel.CheckAsync("docs/protocol/rings.pml", $"{variant} RECORDS={records}");
    }
}
