using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Rings;

/// <summary>A system that gives no shared memory: a sandbox that refuses the calls.</summary>
public sealed class RefusedMemoryTests
{
    [Theory]
    [InlineData("memory files")]
    [InlineData("seals")]
    public async Task A_process_that_is_refused_shared_memory_talks_over_the_socket(string what)
    {
        await using var home = new IpcEndpoint();
        string path = $"@lifeline-tests-{Guid.NewGuid():N}";
        home.Listen(path, Stubs.Increment());
        using OtherProcess process = OtherProcess.Start("refused", path, what);
        Assert.Equal(0, process.Reap().ExitCode);
    }
}
