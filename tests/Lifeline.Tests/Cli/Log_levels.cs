using Lifeline.Cli.Rendering;

namespace Lifeline.Tests.Cli;

public sealed class Log_levels
{
    [Theory]
    [InlineData("<3>it broke", "\e[31mit broke\e[0m")]
    [InlineData("<4>it may break", "\e[33mit may break\e[0m")]
    [InlineData("<6>it runs", "it runs")]
    [InlineData("<7>", "")]
    [InlineData("<8>none", "<8>none")]
    [InlineData("<3 none", "<3 none")]
    [InlineData("<html>", "<html>")]
    [InlineData("", "")]
    public void Become_colours(string line, string shown) => Assert.Equal(shown, LogLevels.Shown(line, color: true));

    [Fact]
    public void Stay_as_written_without_colour() => Assert.Equal("<3>it broke", LogLevels.Shown("<3>it broke", color: false));

    [Fact]
    public async Task Are_seen_by_the_reader_of_logs()
    {
        using var command = new CommandRun { IsTerminal = true };
        await using var monitor = command.Monitor();
        monitor.Services.Add(Samples.Service("worker"));
        monitor.Print("worker", "<3>Worker[0] it broke");
        Assert.Equal("\e[31mWorker[0] it broke\e[0m\n", command.Run("logs", "worker").Output);
        command.IsTerminal = false;
        Assert.Equal("<3>Worker[0] it broke\n", command.Run("logs", "worker").Output);
    }
}
