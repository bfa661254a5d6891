using Lifeline.Linux.Tests.Descriptors;
using Lifeline.Linux.Tests.Harness;

namespace Lifeline.Linux.Tests.Files;

public sealed class SafePathTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Descriptor _inside;

    public SafePathTests()
    {
        Directory.CreateDirectory(_folder.Of("in/deep"));
        Directory.CreateDirectory(_folder.Of("out"));
        _folder.Write("out/secret", "s");
        _folder.Write("in/deep/file", "text");
        File.CreateSymbolicLink(_folder.Of("in/link"), _folder.Of("out/secret"));
        Directory.CreateSymbolicLink(_folder.Of("in/way"), _folder.Of("out"));
        Directory.CreateSymbolicLink(_folder.Of("in/self"), "deep");
        _inside = SafePath.TryOpenFolder(_folder.Of("in"))!;
    }

    public void Dispose()
    {
        _inside.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void What_is_below_is_opened()
    {
        using var file = SafePath.TryOpenBeneath(_inside, "deep/file", OpenFlags.Read);
        Assert.NotNull(file);
        Assert.Equal(4, file.Read(new byte[16]));
        using var name = SafePath.TryOpenBeneath(_inside, "deep", OpenFlags.PathOnly | OpenFlags.Folder);
        Assert.Equal(FileKind.Folder, name?.Stat().Kind);
        Assert.Null(SafePath.TryOpenBeneath(_inside, "deep/none", OpenFlags.Read));
        Assert.Null(SafePath.TryOpenBeneath(_inside, "none/file", OpenFlags.Read));
    }

    [Fact]
    public void A_file_that_is_made_has_a_mode()
    {
        using (var file = SafePath.TryOpenBeneath(_inside, "new", OpenFlags.Write | OpenFlags.Create | OpenFlags.Exclusive))
            file!.WriteAll("x"u8);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, FileStatus.TryOf(_folder.Of("in/new"))?.Mode);
    }

    [Theory]
    [InlineData("link", Errno.ELOOP)]
    [InlineData("way/secret", Errno.ELOOP)]
    [InlineData("self/file", Errno.ELOOP)]
    [InlineData("../out/secret", Errno.EXDEV)]
    [InlineData("deep/../../out/secret", Errno.EXDEV)]
    [InlineData("..", Errno.EXDEV)]
    [InlineData("/etc/passwd", Errno.EXDEV)]
    [InlineData("deep/file/x", Errno.ENOTDIR)]
    public void Links_and_ways_out_are_refused(string path, Errno errno) =>
        Assert.Equal(errno, DescriptorTests.Refusal(() => SafePath.TryOpenBeneath(_inside, path, OpenFlags.Read)));

    [Fact]
    public void A_folder_is_opened_only_if_no_part_of_its_path_is_a_link()
    {
        using (var deep = SafePath.TryOpenFolder(_folder.Of("in/deep/")))
            Assert.Equal(["file"], SafePath.ListNames(deep!));
        Assert.Null(SafePath.TryOpenFolder(_folder.Of("in/none")));
        Assert.Equal(Errno.ELOOP, DescriptorTests.Refusal(() => SafePath.TryOpenFolder(_folder.Of("in/way"))));
        Assert.Equal(Errno.ELOOP, DescriptorTests.Refusal(() => SafePath.TryOpenFolder(_folder.Of("in/self"))));
        Assert.Equal(Errno.ENOTDIR, DescriptorTests.Refusal(() => SafePath.TryOpenFolder(_folder.Of("in/deep/file"))));
        using var root = SafePath.TryOpenFolder("/");
        Assert.Contains("proc", SafePath.ListNames(root!));
        Assert.Throws<ArgumentException>(() => SafePath.TryOpenFolder("in/deep"));
    }

    [Fact]
    public void Names_are_looked_at_and_removed_without_following()
    {
        Assert.Equal(FileKind.Link, SafePath.TryStat(_inside, "link")?.Kind);
        Assert.Null(SafePath.TryStat(_inside, "none"));
        Assert.Equal(Errno.None, SafePath.Unlink(_inside, "link"));
        Assert.Equal(Errno.ENOENT, SafePath.Unlink(_inside, "link"));
        Assert.Equal(Errno.EISDIR, SafePath.Unlink(_inside, "deep"));
        Assert.Equal("s", File.ReadAllText(_folder.Of("out/secret")));
        Assert.Equal(["deep", "self", "way"], SafePath.ListNames(_inside).Order());
    }

    [Theory]
    [InlineData("deep/file")]
    [InlineData("")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("a\0b")]
    public void A_path_is_no_name(string name)
    {
        Assert.Throws<ArgumentException>(() => SafePath.Unlink(_inside, name));
        Assert.Throws<ArgumentException>(() => SafePath.TryStat(_inside, name));
    }

    [Fact]
    public void A_path_with_a_zero_byte_is_refused() =>
        Assert.Throws<ArgumentException>(() => SafePath.TryOpenBeneath(_inside, "deep\0x", OpenFlags.Read));

    [Fact]
    public void A_pipe_is_not_a_terminal() => Assert.False(Terminal.IsTerminal(99));
}
