using System.Net.Sockets;
using Lifeline.Contracts;
using Lifeline.Linux;
using Lifeline.Monitor;
using Lifeline.Reclaim;
using Xunit;

namespace Lifeline.Tests.Reclaim;

public sealed class PathReclaimTests : IDisposable
{
    private readonly ReclaimFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Files_sockets_and_pipes_are_removed()
    {
        var file = _folder.Touch("file");
        var socket = _folder.At("socket");
        using (var bound = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
            bound.Bind(new UnixDomainSocketEndPoint(socket));

        // .NET removes the name when it closes; a killed service does not.
        using (UnixSocket.Listen(socket, UnixSocketType.Stream, 1, UnixFileMode.UserRead | UnixFileMode.UserWrite))
        {
        }

        var pipe = _folder.At("pipe");
        await _folder.Shell("mkfifo pipe").WaitForExitAsync();
        var result = await ReclaimAsync(file, socket, pipe, _folder.At("missing"), "/no/such/folder/x");
        ReclaimFolder.AssertStep(result, ReclaimKind.Path, file, ReclaimOutcome.Removed);
        ReclaimFolder.AssertStep(result, ReclaimKind.Path, socket, ReclaimOutcome.Removed);
        ReclaimFolder.AssertStep(result, ReclaimKind.Path, pipe, ReclaimOutcome.Removed);
        ReclaimFolder.AssertStep(result, ReclaimKind.Path, _folder.At("missing"), ReclaimOutcome.Absent);
        ReclaimFolder.AssertStep(result, ReclaimKind.Path, "/no/such/folder/x", ReclaimOutcome.Absent);
        Assert.False(File.Exists(file) || File.Exists(socket) || File.Exists(pipe));
    }

    [Fact]
    public async Task Patterns_match_in_the_last_part_only()
    {
        _folder.Touch("orders-1");
        _folder.Touch("orders-2");
        _folder.Touch("other");
        var result = await ReclaimAsync(_folder.At("orders-*"), _folder.At("none-*"), Path.Combine(Path.GetDirectoryName(_folder.Path)!, "*", "other"));
        ReclaimFolder.AssertStep(result, ReclaimKind.Path, _folder.At("orders-1"), ReclaimOutcome.Removed);
        ReclaimFolder.AssertStep(result, ReclaimKind.Path, _folder.At("orders-2"), ReclaimOutcome.Removed);
        ReclaimFolder.AssertStep(result, ReclaimKind.Path, _folder.At("none-*"), ReclaimOutcome.Absent);
        Assert.True(File.Exists(_folder.At("other")));
    }

    [Fact]
    public async Task A_pattern_that_matches_too_much_removes_nothing()
    {
        for (var i = 0; i <= PathReclaimer.MaxMatches; i++)
            _folder.Touch($"f{i}");
        var result = await ReclaimAsync(_folder.At("f*"));
        ReclaimFolder.AssertStep(result, ReclaimKind.Path, _folder.At("f*"), ReclaimOutcome.Kept, "more than 256");
        Assert.True(File.Exists(_folder.At("f0")));
    }

    [Fact]
    public async Task Links_are_not_followed_and_folders_not_removed()
    {
        var target = _folder.Touch("target");
        Directory.CreateDirectory(_folder.At("real"));
        _folder.Touch("real/file");
        Directory.CreateSymbolicLink(_folder.At("linked"), _folder.At("real"));
        File.CreateSymbolicLink(_folder.At("link"), target);
        var result = await ReclaimAsync(_folder.At("linked/file"), _folder.At("link"), _folder.At("real"));
        ReclaimFolder.AssertStep(result, ReclaimKind.Path, _folder.At("linked/file"), ReclaimOutcome.Kept, "symbolic link");
        ReclaimFolder.AssertStep(result, ReclaimKind.Path, _folder.At("link"), ReclaimOutcome.Kept, "symbolic link");
        ReclaimFolder.AssertStep(result, ReclaimKind.Path, _folder.At("real"), ReclaimOutcome.Kept, "folder");
        Assert.True(File.Exists(target) && File.Exists(_folder.At("real/file")));
    }

    [Fact]
    public async Task What_belongs_to_another_user_is_kept()
    {
        var file = _folder.Touch("file");
        var result = await _folder.RunAsync(_folder.Request() with { Paths = [file], OwnerUid = CurrentProcess.Uid + 1 });
        ReclaimFolder.AssertStep(result, ReclaimKind.Path, file, ReclaimOutcome.Kept, $"belongs to user {CurrentProcess.Uid}");
        Assert.True(File.Exists(file));
    }

    [Fact]
    public async Task What_a_living_process_has_open_or_mapped_or_bound_is_kept()
    {
        var open = _folder.Touch("open");
        var mapped = _folder.Touch("mapped");
        using var held = File.OpenRead(open);
        using var memory = System.IO.MemoryMappedFiles.MemoryMappedFile.CreateFromFile(mapped, FileMode.Open);
        using var view = memory.CreateViewAccessor();
        var socket = _folder.At("socket");
        using var listener = UnixSocket.Listen(socket, UnixSocketType.Stream, 1, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var result = await ReclaimAsync(open, mapped, socket);
        ReclaimFolder.AssertStep(result, ReclaimKind.Path, open, ReclaimOutcome.Kept, $"held open by process {Environment.ProcessId}");
        ReclaimFolder.AssertStep(result, ReclaimKind.Path, mapped, ReclaimOutcome.Kept, $"process {Environment.ProcessId}");
        ReclaimFolder.AssertStep(result, ReclaimKind.Path, socket, ReclaimOutcome.Kept, $"held by process {Environment.ProcessId}");
    }

    [Fact]
    public async Task A_file_that_is_only_mapped_is_kept()
    {
        var mapped = _folder.Touch("mapped");
        const string Script = "import mmap,os,sys,time; f=os.open(sys.argv[1],os.O_RDWR); m=mmap.mmap(f,1); os.close(f); open(sys.argv[2],'w').write(str(os.getpid())); time.sleep(1000)";
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "python3 is needed to map a file and close it");
        _folder.Shell($"exec python3 -c \"{Script}\" {mapped} pid");
        var pid = await _folder.PidInAsync("pid");
        var result = await ReclaimAsync(mapped);
        ReclaimFolder.AssertStep(result, ReclaimKind.Path, mapped, ReclaimOutcome.Kept, $"process {pid}");
    }

    [Fact]
    public async Task Claims_are_taken_literally_and_must_be_absolute()
    {
        var file = _folder.Touch("odd*name");
        _folder.Touch("oddxname");
        var result = await _folder.RunAsync(_folder.Request() with
        {
            Claims = [new ClaimRecord(ClaimKind.Path, file), new ClaimRecord(ClaimKind.Path, "relative"), new ClaimRecord(ClaimKind.Path, "/")],
        });
        ReclaimFolder.AssertStep(result, ReclaimKind.Path, file, ReclaimOutcome.Removed);
        ReclaimFolder.AssertStep(result, ReclaimKind.Path, "relative", ReclaimOutcome.Kept, "no absolute path");
        ReclaimFolder.AssertStep(result, ReclaimKind.Path, "/", ReclaimOutcome.Kept, "no absolute path");
        Assert.True(File.Exists(_folder.At("oddxname")));
    }

    private Task<ReclaimResult> ReclaimAsync(params string[] paths) => _folder.RunAsync(_folder.Request() with { Paths = paths });
}
