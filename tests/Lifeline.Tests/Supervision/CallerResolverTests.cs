using Lifeline.Linux;
using Lifeline.Supervision;

namespace Lifeline.Tests.Supervision;

public class CallerResolverTests
{
    [Fact]
    public async Task A_descendant_of_a_main_process_belongs_to_its_service()
    {
        var resolver = new CallerResolver(ControlGroups.None);
        resolver.Add(CurrentProcess.ParentId, "parent", 3);
        Assert.Equal(("parent", 3), await resolver.ResolveAsync(CurrentProcess.Id));
    }

    [Fact]
    public async Task A_stranger_belongs_to_none()
    {
        var resolver = new CallerResolver(ControlGroups.None);
        resolver.Add(int.MaxValue, "other", 1);
        Assert.Null(await resolver.ResolveAsync(CurrentProcess.Id));
    }

    [Fact]
    public async Task A_main_process_that_ended_owns_nobody_and_its_successor_stays()
    {
        var resolver = new CallerResolver(ControlGroups.None);
        resolver.Add(CurrentProcess.Id, "a", 1);
        resolver.Add(CurrentProcess.Id, "a", 2);
        resolver.Remove(CurrentProcess.Id, "a", 1);
        Assert.Equal(("a", 2), await resolver.ResolveAsync(CurrentProcess.Id));
        resolver.Remove(CurrentProcess.Id, "a", 2);
        Assert.Null(await resolver.ResolveAsync(CurrentProcess.Id));
    }
}
