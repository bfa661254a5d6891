using Lifeline.Contracts;

namespace Lifeline.Tests.Cli;

public sealed class Reports : IDisposable
{
    private readonly CommandRun command = new();

    public void Dispose() => command.Dispose();

    [Fact]
    public async Task Carry_everything_and_say_who_reports()
    {
        await using var monitor = command.Monitor();
        command.Variables["LIFELINE_SOCKET"] = Path.Combine(command.RunFolder, "ipc.sock");
        command.Variables["LIFELINE_SERVICE"] = "orders";
        command.Variables["LIFELINE_GENERATION"] = "3";
        Assert.Equal((0, "", ""), command.Run(
            "report", "--health", "degraded", "--text", "@queue -3", "--code", "-7", "--ready",
            "--field", "n=3", "--field", "f=1.5", "--field", "b=true", "--field", "t=a=b", "--field", "e="));
        Assert.Equal(("orders", 3), monitor.LastReporter);
        var report = monitor.LastReport!;
        Assert.Equal(ServiceHealth.Degraded, report.Health);
        Assert.Equal("@queue -3", report.Text);
        Assert.Equal(-7, report.Code);
        Assert.True(report.Ready);
        Assert.True(report.AtNanoseconds > 0);
        Assert.Equal(new Dictionary<string, StatusValue> { ["n"] = 3, ["f"] = 1.5, ["b"] = true, ["t"] = "a=b", ["e"] = "" }, report.Fields.ToDictionary());
    }

    [Theory]
    [InlineData("--text x", ServiceHealth.Healthy, null)]
    [InlineData("--ready", ServiceHealth.Healthy, true)]
    [InlineData("--ready=false", ServiceHealth.Healthy, false)]
    [InlineData("--health unknown", ServiceHealth.Unknown, null)]
    public async Task Say_healthy_and_nothing_about_readiness_unless_told(string line, ServiceHealth health, bool? ready)
    {
        await using var monitor = command.Monitor();
        Assert.Equal((0, "", ""), command.Run(["report", .. line.Split(' ')]));
        Assert.Equal((health, ready), (monitor.LastReport!.Health, monitor.LastReport.Ready));
        Assert.Equal((null, null), monitor.LastReporter);
    }

    [Fact]
    public async Task That_are_too_long_are_wrong_usage()
    {
        await using var monitor = command.Monitor();
        var (code, _, error) = command.Run("report", "--text", new string('x', 1025));
        Assert.Equal(2, code);
        Assert.Contains("1025", error, StringComparison.Ordinal);
        Assert.Contains("1024", error, StringComparison.Ordinal);
    }
}
