using Lifeline.Contracts;
using Lifeline.Monitor;
using Lifeline.Reclaim;
using Xunit;

namespace Lifeline.Tests.Reclaim;

public sealed class CommandStepTests : IDisposable
{
    private readonly ReclaimFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_command_is_told_of_the_death()
    {
        var result = await _folder.RunAsync(_folder.Request() with
        {
            Command = ["sh", "-c", "env | grep LIFELINE_DEATH | sort > told"],
            Death = new DeathRecord
            {
                Generation = 3,
                Reason = DeathReason.Signaled,
                Signal = 9,
                Pid = 4711,
                At = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero),
                ExitAt = 0,
            },
        });
        ReclaimFolder.AssertStep(result, ReclaimKind.Command, "sh -c env | grep LIFELINE_DEATH | sort > told", ReclaimOutcome.Removed);
        Assert.Equal(
            [
                "LIFELINE_DEATH_AT=2026-01-02T03:04:05.678Z", "LIFELINE_DEATH_EXIT_CODE=", "LIFELINE_DEATH_GENERATION=3", "LIFELINE_DEATH_PID=4711",
                "LIFELINE_DEATH_REASON=signaled", "LIFELINE_DEATH_SERVICE=orders", "LIFELINE_DEATH_SIGNAL=9",
            ],
            await File.ReadAllLinesAsync(_folder.At("told")));
    }

    [Fact]
    public async Task A_command_that_fails_says_how()
    {
        var result = await _folder.RunAsync(_folder.Request() with { Command = ["sh", "-c", "echo first; echo it went wrong >&2; exit 3"] });
        var step = Assert.Single(result.Steps);
        Assert.Equal(ReclaimOutcome.Failed, step.Outcome);
        Assert.Equal("it exited with 3: it went wrong", step.Reason);
        Assert.True(result.TreeEmpty);
    }

    [Fact]
    public async Task A_command_that_takes_too_long_is_killed_with_everything_it_started()
    {
        var result = await _folder.RunAsync(_folder.Request() with
        {
            Command = ["sh", "-c", "setsid sh -c 'echo $$ > child; exec sleep 1000' & sleep 1000"],
            CommandTimeout = TimeSpan.FromSeconds(2),
        });
        var step = Assert.Single(result.Steps);
        Assert.Contains("longer than 2 s", step.Reason, StringComparison.Ordinal);
        Assert.False(ReclaimFolder.IsAlive(await _folder.PidInAsync("child")));
    }

    [Theory]
    [InlineData("no-such-program", "No such file")]
    [InlineData("./no-such-program", "No such file")]
    public async Task A_command_that_does_not_exist_says_so(string program, string error)
    {
        var result = await _folder.RunAsync(_folder.Request() with { Command = [program] });
        Assert.Contains(error, Assert.Single(result.Steps).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Much_output_is_cut_from_the_front_and_much_input_is_not_needed()
    {
        var result = new CommandRunner(TimeProvider.System).Run(new CommandOrder
        {
            Command = ["sh", "-c", "head -c 1000000 /dev/zero | tr '\\0' x; echo; echo end"],
            Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" },
            Input = new byte[1 << 20],
            Timeout = TimeSpan.FromSeconds(30),
        });
        Assert.True(result.Succeeded, result.Describe());
        Assert.InRange(result.Output.Length, 1, CommandRunner.MaxOutput);
        Assert.EndsWith("end\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Input_reaches_the_command()
    {
        var result = new CommandRunner(TimeProvider.System).Run(new CommandOrder
        {
            Command = ["wc", "-c"],
            Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" },
            Input = new byte[300_000],
            Timeout = TimeSpan.FromSeconds(30),
        });
        Assert.Equal("300000\n", result.Output);
    }

    [Fact]
    public void A_command_that_leaves_something_behind_is_not_waited_for()
    {
        var result = new CommandRunner(TimeProvider.System).Run(new CommandOrder
        {
            Command = ["sh", "-c", "sleep 5 & echo done"],
            Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" },
            Timeout = TimeSpan.FromSeconds(60),
        });
        Assert.True(result.Succeeded);
        Assert.Equal("done\n", result.Output);
    }
}
