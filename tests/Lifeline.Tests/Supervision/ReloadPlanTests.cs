using Lifeline.Configuration;
using Lifeline.Supervision;
using Lifeline.Tests.Configuration;

namespace Lifeline.Tests.Supervision;

public sealed class ReloadPlanTests : IDisposable
{
    private const string Before = """
        [services.a]
        command = ["sleep", "1"]
        [services.b]
        command = ["sleep", "1"]
        max_restarts = 3
        [services.c]
        command = ["sleep", "1"]
        [services.same]
        command = ["sleep", "1"]
        """;

    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    private List<string> Plan(string next)
    {
        var old = folder.LoadGood(Before);
        return ReloadPlan.Of(old, folder.LoadGood(next));
    }

    [Fact]
    public void The_same_file_changes_nothing_wherever_its_lines_stand() => Assert.Empty(Plan("\n\n" + Before));

    [Fact]
    public void What_runs_before_the_start_is_part_of_a_launch() => Assert.Equal(
        ["a: restarts if it runs or has failed (before_start)"],
        Plan(Before.Replace("[services.b]", "before_start = [\"true\"]\n[services.b]", StringComparison.Ordinal)));

    [Fact]
    public void Each_service_that_changes_is_named_with_its_keys() => Assert.Equal(
        ["new: new", "a: restarts if it runs or has failed (command)", "b: changes as it runs (max_restarts, stop)", "c: stops (removed)"],
        Plan("""
            [services.new]
            command = ["sleep", "1"]
            [services.a]
            command = ["sleep", "2"]
            [services.b]
            command = ["sleep", "1"]
            max_restarts = 4
            stop = { signal = "INT" }
            [services.same]
            command = ["sleep", "1"]
            """));

    [Fact]
    public void What_only_a_start_of_lifeline_takes_over_is_said() => Assert.Equal(
        ["[monitor] shutdown_timeout: changes now", "[monitor] http: changes now", "[groups.g]: new"],
        Plan(Before + """

            [monitor]
            http = "off"
            shutdown_timeout = "7s"
            [groups.g]
            strategy = "one_for_all"
            """));
}
