using System.Runtime.InteropServices;

namespace Lifeline.Linux.Tests.Processes;

public class UsersTests
{
    [Fact]
    public void Root_is_found_by_name_and_by_number()
    {
        var root = Users.Find("root");
        Assert.NotNull(root);
        Assert.Equal(("root", 0u, 0u), (root.Name, root.Uid, root.Gid));
        Assert.StartsWith("/", root.Home, StringComparison.Ordinal);
        Assert.Equal(root, Users.Find(0u));
        Assert.Contains(0u, Users.GroupsOf(root));
        Assert.Equal(0u, Users.FindGroup("root"));
    }

    [Fact]
    public void Groups_are_those_of_the_database()
    {
        foreach (var line in File.ReadAllLines("/etc/passwd").Where(l => l.Split(':').Length == 7).Take(5))
        {
            var fields = line.Split(':');
            var user = Users.Find(fields[0]);
            Assert.Equal(fields[3], user?.Gid.ToString(System.Globalization.CultureInfo.InvariantCulture));
            Assert.Equal(fields[5], user?.Home);
            Assert.Contains(user!.Gid, Users.GroupsOf(user));
        }
    }

    [Fact]
    public void Nobody_is_null()
    {
        Assert.Null(Users.Find("no such user"));
        Assert.Null(Users.Find(""));
        Assert.Null(Users.Find(3_999_999_999u));
        Assert.Null(Users.FindGroup("no such group"));
        Assert.Equal([12_345u], Users.GroupsOf(new UserEntry("no such user", 3_999_999_999, 12_345, "/")));
    }
}
