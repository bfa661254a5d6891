namespace Lifeline.Linux.Tests.ControlGroups;

public class ControllerTests
{
    private static readonly string Name = $"lifeline-controller-{CurrentProcess.Id}";

    [Theory]
    [InlineData("memory", "memory.limit_in_bytes")]
    [InlineData("pids", "pids.max")]
    public void The_hierarchy_of_a_controller_is_found_where_version_1_has_it(string controller, string file)
    {
        var isThere = CurrentProcess.Uid == 0 && ControlGroupMount.List([controller]).Any(m => m is { Version: ControlGroupVersion.V1, IsReadOnly: false });
        var root = ControlGroupRoot.FindController(Name, controller);
        Assert.Equal(isThere, root is not null);
        if (root is null)
            return;
        try
        {
            Assert.True(File.Exists(Path.Combine(root.Path, file)));
        }
        finally
        {
            Assert.True(root.Remove());
        }
    }

    [Fact]
    public void A_controller_of_version_2_is_switched_on_where_our_group_lets_it_be()
    {
        Assert.SkipUnless(ControlGroupRoot.Find(Name, ControlGroupVersion.V2) is not null, "no control group of version 2 can be made here");
        var root = ControlGroupRoot.Find(Name, ControlGroupVersion.V2)!;
        try
        {
            Assert.False(root.TryEnable("no-such-controller"));
            var own = Path.Combine(Path.GetDirectoryName(root.Path)!, "cgroup.controllers");
            // Only where our group is the root of all may processes be in it and its controllers be switched on.
            foreach (var controller in File.ReadAllText(own).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
            {
                if (root.TryEnable(controller))
                    Assert.Contains(controller, File.ReadAllText(Path.Combine(root.Create("a").Path, "cgroup.controllers")), StringComparison.Ordinal);
            }
        }
        finally
        {
            Assert.True(root.Remove());
        }
    }
}
