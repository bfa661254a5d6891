using System.Diagnostics;
using Lifeline.Linux.Tests.Descriptors;
using Lifeline.Linux.Tests.Harness;

namespace Lifeline.Linux.Tests.Files;

public sealed class FolderTreeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Descriptor _parent;

    public FolderTreeTests() => _parent = SafePath.TryOpenFolder(_folder.Path)!;

    public void Dispose()
    {
        _parent.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_folder_is_made_with_exactly_its_mode_and_only_once()
    {
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherWrite;
        FolderTree.Make(_parent, "made", Mode).Dispose();
        Assert.Equal(Mode, FileStatus.TryOf(_folder.Of("made"))?.Mode);
        Assert.Equal(Errno.EEXIST, DescriptorTests.Refusal(() => FolderTree.Make(_parent, "made", Mode)));
        Assert.Throws<ArgumentException>(() => FolderTree.Make(_parent, "a/b", Mode));
    }

    [Fact]
    public void Everything_in_it_goes_whatever_it_is_called_and_no_link_is_followed()
    {
        Directory.CreateDirectory(_folder.Of("out"));
        _folder.Write("out/secret", "s");
        Shell("""
            mkdir -p tmp/a/b/c tmp/.hidden/x; touch tmp/a/b/c/f tmp/.hidden/x/y
            ln -s ../out tmp/way; ln -s ../../out/secret tmp/a/link; ln -s "$PWD/out" tmp/a/b/way; ln -s .. tmp/a/b/c/up
            mkfifo tmp/pipe; mkdir "$(printf 'tmp/\377\nx')"; touch "$(printf 'tmp/\377\nx/\376')"
            """);
        var removal = FolderTree.Remove(_parent, "tmp", 1000);
        Assert.True(removal.IsGone, removal.ToString());
        Assert.False(Directory.Exists(_folder.Of("tmp")));
        Assert.Equal("s", File.ReadAllText(_folder.Of("out/secret")));
        Assert.Equal(0, FolderTree.Remove(_parent, "tmp", 1000) is { IsGone: true } again ? again.Names : -1);
    }

    [Fact]
    public void Its_depth_costs_nothing()
    {
        Shell("python3 -c \"import os\nos.mkdir('deep'); os.chdir('deep')\nfor i in range(5000): os.mkdir('d'); os.chdir('d')\nopen('f','w')\"");
        var removal = FolderTree.Remove(_parent, "deep", 100_000);
        Assert.True(removal.IsGone, removal.ToString());
    }

    [Fact]
    public void What_is_more_than_allowed_is_left_and_the_next_call_goes_on()
    {
        Directory.CreateDirectory(_folder.Of("many/sub"));
        for (var i = 0; i < 30; i++)
            _folder.Write($"many/sub/f{i}", "");
        var first = FolderTree.Remove(_parent, "many", 10);
        Assert.Equal((false, true, null), (first.IsGone, first.IsExhausted, first.Obstacle));
        Assert.NotEmpty(Directory.GetFiles(_folder.Of("many"), "*", SearchOption.AllDirectories));
        var second = FolderTree.Remove(_parent, "many", 1000);
        Assert.True(second.IsGone, second.ToString());
    }

    [Fact]
    public void A_link_or_a_file_in_its_place_goes_itself()
    {
        Directory.CreateDirectory(_folder.Of("real"));
        _folder.Write("real/file", "x");
        Directory.CreateSymbolicLink(_folder.Of("link"), "real");
        Assert.True(FolderTree.Remove(_parent, "link", 10).IsGone);
        Assert.True(FolderTree.Remove(_parent, _folder.Write("file", "x") is not null ? "file" : "", 10).IsGone);
        Assert.True(File.Exists(_folder.Of("real/file")));
    }

    [Fact]
    public void What_is_mounted_in_it_is_not_entered()
    {
        Directory.CreateDirectory(_folder.Of("real"));
        _folder.Write("real/file", "x");
        Directory.CreateDirectory(_folder.Of("tmp/a/mounted"));
        Assert.SkipUnless(CurrentProcess.Uid == 0 && Shell("mount --bind real tmp/a/mounted", mayFail: true) == 0, "mounting is not allowed here");
        try
        {
            var removal = FolderTree.Remove(_parent, "tmp", 1000);
            Assert.Equal((false, Errno.EBUSY, "mounted"), (removal.IsGone, removal.Error, removal.Obstacle));
            Assert.True(File.Exists(_folder.Of("real/file")));
        }
        finally
        {
            Shell("umount -l tmp/a/mounted");
        }

        Assert.True(FolderTree.Remove(_parent, "tmp", 1000).IsGone);
    }

    private int Shell(string script, bool mayFail = false)
    {
        using var process = Process.Start(new ProcessStartInfo("sh") { ArgumentList = { "-c", script }, WorkingDirectory = _folder.Path, RedirectStandardError = true })!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(mayFail || process.ExitCode == 0, said);
        return process.ExitCode;
    }
}
