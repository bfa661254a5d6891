namespace Lifeline.Linux.Tests.Processes;

public class CommandLineAreaTests
{
    [Fact]
    public void What_is_shown_is_what_others_read_and_what_does_not_fit_is_cut()
    {
        var area = CommandLineArea.Find()!;
        var before = ProcFs.TryReadCommandLine(Environment.ProcessId)!;
        try
        {
            area.Show(["ab", "c"]);
            Assert.Equal(["ab", "c"], ProcFs.TryReadCommandLine(Environment.ProcessId)!.Take(2));
            Assert.All(ProcFs.TryReadCommandLine(Environment.ProcessId)!.Skip(2), word => Assert.Equal("", word));

            area.Show([new string('x', 100_000)]);
            var shown = Assert.Single(ProcFs.TryReadCommandLine(Environment.ProcessId)!);
            Assert.InRange(shown.Length, 1, 99_999);
            Assert.Equal(shown.Length, shown.Count(c => c == 'x'));
        }
        finally
        {
            area.Show(before);
        }
    }
}
