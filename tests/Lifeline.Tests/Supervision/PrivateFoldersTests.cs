using Lifeline.Linux;
using Lifeline.Supervision;
using Lifeline.Tests.Journal;

namespace Lifeline.Tests.Supervision;

public sealed class PrivateFoldersTests : IDisposable
{
    private readonly TemporaryJournal _journal = new();

    public void Dispose() => _journal.Dispose();

    [Fact]
    public void What_lies_in_a_place_that_others_can_write_to_is_nobodys_and_is_not_touched()
    {
        using var store = _journal.Open();
        var folders = new PrivateFolders(store, _journal.Folder);
        var made = folders.Make("web", 1, CurrentProcess.Uid, CurrentProcess.Gid);
        Assert.Equal(made, folders.Find("web", 1));

        // As somebody who has made a folder of that name when ours was swept away: what is in it is theirs.
        var home = Path.GetDirectoryName(made)!;
        File.SetUnixFileMode(home, File.GetUnixFileMode(home) | UnixFileMode.OtherWrite);
        Assert.Null(folders.Find("web", 1));
        Assert.Empty(folders.SetAsideUnknown([]));
        Assert.True(Directory.Exists(made));

        Assert.NotEqual(home, Path.GetDirectoryName(folders.Make("web", 2, CurrentProcess.Uid, CurrentProcess.Gid)));
    }
}
