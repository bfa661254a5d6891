using System.Diagnostics;

namespace Lifeline.EndToEnd.Tests.Harness;

/// <summary>Waits for a condition in another process, of which no event reaches us.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Asks again and again until the answer is not null; the last complaint explains a failure.</summary>
    public static async Task<T> GetAsync<T>(Func<Task<T?>> ask, Func<string> complaint, TimeSpan? patience = null) where T : class
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var answer = await ask();
            if (answer is not null)
                return answer;
            Assert.True(clock.Elapsed < (patience ?? Patience), complaint());
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
    }

    public static Task TrueAsync(Func<Task<bool>> ask, Func<string> complaint, TimeSpan? patience = null) =>
        GetAsync<object>(async () => await ask() ? new object() : null, complaint, patience);

    public static Task TrueAsync(Func<bool> ask, string complaint, TimeSpan? patience = null) =>
        TrueAsync(() => Task.FromResult(ask()), () => complaint, patience);
}
