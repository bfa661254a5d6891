using System.Diagnostics;
using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Rings;

/// <summary>
/// Spin walks through every interleaving of docs/protocol/rings.pml: as it is written down nothing can go wrong, and each fault
/// that is put in is found, so that the model is known to see them. Needs spin and a C compiler, which ./test installs.
/// </summary>
public sealed class RingModelTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    public static TheoryData<string> Protocols => ["", "FUTEX", "ASYMMETRIC", "ASYMMETRIC FUTEX", "SHORT", "CREDIT"];

    public static TheoryData<string> Faults =>
    [
        "NO_SENDER_FENCE", "NO_RECEIVER_FENCE", "NO_SECOND_LOOK", "NO_ROOM_SENDER_FENCE", "NO_ROOM_RECEIVER_FENCE", "NO_ROOM_SECOND_LOOK",
        "LAZY_ROOM", "TAIL_FIRST", "HEAD_FIRST", "FUTEX NO_SENDER_FENCE", "FUTEX NO_SECOND_LOOK", "ASYMMETRIC NO_MEMBARRIER",
        "ASYMMETRIC NO_SECOND_LOOK", "ASYMMETRIC NO_ROOM_SECOND_LOOK", "SHORT SHORT_TAIL_FIRST", "CREDIT NO_CREDIT_SENDER_FENCE",
        "CREDIT NO_CREDIT_RECEIVER_FENCE", "CREDIT NO_CREDIT_SECOND_LOOK", "CREDIT CREDIT_LOOK_FIRST", "CREDIT CREDIT_LATE_UNITS",
    ];

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task No_interleaving_loses_a_wake_up_or_a_record(string variant)
    {
        string report = await CheckAsync(variant);
        Assert.Contains("errors: 0", report, StringComparison.Ordinal);
        Assert.DoesNotContain("Search not completed", report, StringComparison.Ordinal);
        Assert.DoesNotContain("max search depth too small", report, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_that_is_put_in_is_found(string fault) =>
        Assert.Contains("errors: 1", await CheckAsync(fault), StringComparison.Ordinal);

    private static async Task<string> CheckAsync(string variant)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, "spin"))), "spin is not installed (apt install spin)");
        using var folder = new TemporaryFolder();
        string[] defines = [.. variant.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => "-D" + name)];
        // With credit, four take a gigabyte.
        int records = variant.Contains("CREDIT", StringComparison.Ordinal) ? 3 : 4;
        await RunAsync(folder.Path, "spin", [.. defines, $"-DRECORDS={records}", "-a", Path.Combine(RepositoryFolder.Find(), "docs/protocol/rings.pml")]);
        await RunAsync(folder.Path, "cc", ["-O1", "-w", "-o", "pan", "pan.c"]);
        return await RunAsync(folder.Path, folder.File("pan"), ["-m100000"]);
    }

    private static async Task<string> RunAsync(string folder, string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync().WaitAsync(s_limit);
        await process.WaitForExitAsync().WaitAsync(s_limit);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {output}{await errors}");
        return output;
    }
}
