namespace Lifeline.EndToEnd.Tests.Harness;

/// <summary>What a command printed, and how it ended.</summary>
internal sealed record CommandResult(string Command, int ExitCode, string Output, string Errors)
{
    public CommandResult MustSucceed() => MustExit(0);

    public CommandResult MustExit(int code)
    {
        Assert.True(ExitCode == code, $"`{Command}` ended with {ExitCode}, not {code}.\nstdout: {Output}\nstderr: {Errors}");
        return this;
    }
}
