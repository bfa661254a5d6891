using System.Diagnostics;
using System.Globalization;
using System.IO.MemoryMappedFiles;

namespace Lifeline.Client.Tests;

public sealed class KillTests : IDisposable
{
    private readonly MonitorSocket _socket = new();

    public void Dispose() => _socket.Dispose();

    [Fact]
    public async Task The_last_status_whose_report_returned_is_whole_after_kill_9_in_the_middle()
    {
        await using var monitor = _socket.StartMonitor();
        for (var round = 0; round < 4; round++)
        {
            var path = Path.Combine(_socket.Folder, $"counter-{round}");
            await File.WriteAllBytesAsync(path, new byte[8]);
            using var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open);
            using var counter = file.CreateViewAccessor(0, 8, MemoryMappedFileAccess.Read);
            using var child = StartChild(path, round);
            await monitor.Changed.UntilAsync(() => monitor.Registrations.Count > round);
            var registered = monitor.Registrations[round];
            var rings = monitor.Rings;
            await monitor.Changed.UntilAsync(() => monitor.Rings > rings + (round * 7));
            child.Kill();
            await child.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
            await monitor.Changed.UntilAsync(() => registered.Death is not null);

            var returned = counter.ReadInt64(0);
            var status = registered.Read()!;
            // Killed between publishing and returning, the slot may be one ahead.
            Assert.InRange(status.Sequence, returned, returned + 1);
            Assert.Equal(status.Sequence.ToString(CultureInfo.InvariantCulture), status.Text);
            Assert.Equal($"child-{round}", registered.Service);
        }
    }

    private Process StartChild(string counter, int round)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[ChildReporter.CounterVariable] = counter;
        start.Environment["LIFELINE_SOCKET"] = _socket.Path;
        start.Environment["LIFELINE_SERVICE"] = $"child-{round}";
        start.Environment["LIFELINE_GENERATION"] = "1";
        return Process.Start(start)!;
    }
}
