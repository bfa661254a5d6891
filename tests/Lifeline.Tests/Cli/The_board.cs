using System.Text.Json;
using Lifeline.Cli.Rendering;
using Lifeline.Contracts;
using Lifeline.Ipc;
using Lifeline.Supervision;

namespace Lifeline.Tests.Cli;

public sealed class The_board : IDisposable
{
    private readonly CommandRun command = new() { Time = new FixedTime(Samples.Now) };

    public void Dispose() => command.Dispose();

    private void Publish(IReadOnlyList<ServiceSnapshot> services)
    {
        Directory.CreateDirectory(command.RunFolder);
        using var board = SharedBoardWriter.CreateFile(Path.Combine(command.RunFolder, "board"), services.Count, BoardSnapshot.MaxBytes);
        foreach (var (slot, service) in services.Index()) board.Write(slot, BoardSnapshot.Encode(service));
    }

    [Fact]
    public void Is_shown_as_a_table_when_no_monitor_runs_and_ends_with_3()
    {
        Publish(Samples.Shop);
        var (code, output, error) = command.Run("status");
        Assert.Equal(3, code);
        Assert.Equal(StatusTable.Plain([.. Samples.Shop.Select(service => service with { Stale = true })], Samples.Now), output);
        Assert.Contains("running (stale)", output, StringComparison.Ordinal);
        Assert.Equal($"lifeline: no monitor is running ({command.RunFolder}/ipc.sock does not exist); this is what was known last\n", error);
    }

    [Fact]
    public void Is_shown_as_json_with_stale_true()
    {
        Publish(Samples.Shop);
        var (code, output, _) = command.Run("status", "--json", "orders");
        var service = Assert.Single(JsonDocument.Parse(output).RootElement.EnumerateArray());
        Assert.Equal((3, true, "queue 3"), (code, service.GetProperty("stale").GetBoolean(), service.GetProperty("status").GetProperty("text").GetString()));
    }

    [Fact]
    public void A_name_that_is_not_on_it_is_told()
    {
        Publish(Samples.Shop);
        var (code, output, error) = command.Run("status", "--json", "oders");
        Assert.Equal((3, "[]\n"), (code, output));
        Assert.EndsWith("lifeline: there was no service \"oders\"\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_is_spoiled_counts_as_none()
    {
        Directory.CreateDirectory(command.RunFolder);
        File.WriteAllBytes(Path.Combine(command.RunFolder, "board"), new byte[5000]);
        var (code, output, error) = command.Run("status");
        Assert.Equal((3, ""), (code, output));
        Assert.StartsWith("lifeline: no monitor is running (", error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_a_service_is_left_out()
    {
        Publish(Samples.Shop);
        using (var board = SharedBoardReader.Load(Path.Combine(command.RunFolder, "board")))
            Assert.Equal(Samples.Shop.Count, board.Header.Slots);
        var path = Path.Combine(command.RunFolder, "board");
        var bytes = File.ReadAllBytes(path);
        var at = bytes.AsSpan().IndexOf("{\"name\":\"db-1\""u8);
        bytes[at] = (byte)'!';
        File.WriteAllBytes(path, bytes);
        Assert.Equal(["orders", "billing", "mail", "report"], JsonDocument.Parse(command.Run("status", "--json").Output).RootElement.EnumerateArray().Select(s => s.GetProperty("name").GetString()));
    }

    [Fact]
    public void A_service_with_much_to_tell_keeps_what_the_table_needs()
    {
        var fields = Enumerable.Range(0, 32).ToDictionary(i => $"field{i:00}", _ => (StatusValue)new string('é', 128), StringComparer.Ordinal);
        var large = Samples.Service("large") with
        {
            Status = new SnapshotStatus { Text = new string('x', 1024), At = Samples.Now, Fields = fields },
            LastDeath = new SnapshotDeath { At = Samples.Now, Reason = DeathReason.Hung, Reclaimed = [.. Enumerable.Range(0, 100).Select(i => new ReclaimStep(ReclaimKind.Process, new string('p', 200), ReclaimOutcome.Removed))] },
        };
        var json = BoardSnapshot.Encode(large);
        Assert.InRange(json.Length, 1, BoardSnapshot.MaxBytes);
        var back = BoardSnapshot.Decode(json)!;
        Assert.Equal((large.Name, large.Status.Text, DeathReason.Hung), (back.Name, back.Status!.Text, back.LastDeath!.Reason));
        Assert.Empty(back.Status.Fields);

        var worst = large with { Status = large.Status with { Text = new string('\u0001', 1024) } };
        Assert.InRange(BoardSnapshot.Encode(worst).Length, 1, BoardSnapshot.MaxBytes);
    }
}
