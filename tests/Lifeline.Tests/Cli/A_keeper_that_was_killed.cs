using System.Diagnostics;
using System.Globalization;
using Lifeline.Cli;
using Lifeline.Configuration;
using Lifeline.Linux;

namespace Lifeline.Tests.Cli;

public sealed class A_keeper_that_was_killed
{
    // Its first thread ends, the other lives on, as for a moment in every process that is killed.
    private const string HalfDead = """
        import ctypes, sys, threading
        threading.Thread(target=sys.stdin.read).start()
        print("there", flush=True)
        ctypes.CDLL(None).syscall(60, 0)
        """;

    [Fact]
    public async Task Does_not_run_any_more_when_only_its_last_threads_end()
    {
        var folder = Directory.CreateTempSubdirectory("lifeline-keeper-");
        try
        {
            var places = new Places { RunFolder = folder.FullName, StateFolder = folder.FullName };
            using var held = FileLock.TryAcquire(places.Lock);
            using var keeper = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", HalfDead]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
            await File.WriteAllTextAsync(places.KeeperPidFile, keeper.Id.ToString(CultureInfo.InvariantCulture));
            Assert.Equal("there", await keeper.StandardOutput.ReadLineAsync());
            Assert.True(SpinWait.SpinUntil(() => ProcFs.TryReadStat(keeper.Id) is { IsZombie: true }, TimeSpan.FromSeconds(30)));
            Assert.Null(RunningMonitor.FindKeeper(places));
            keeper.Kill();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
