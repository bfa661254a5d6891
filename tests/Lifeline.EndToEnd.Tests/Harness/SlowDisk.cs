namespace Lifeline.EndToEnd.Tests.Harness;

/// <summary>
/// A file system on a block device of its own that the kernel lets take so many bytes a second and no more; every write waits for it.
/// Needs root, a loop device and the blkio controller of control groups.
/// </summary>
internal sealed class SlowDisk : IAsyncDisposable
{
    private const string Throttle = "/sys/fs/cgroup/blkio/blkio.throttle.write_bps_device";

    private readonly string _folder;
    private readonly string _image;
    private string _device = "";
    private bool _isMounted;

    private SlowDisk(string folder) => (_folder, _image) = (folder, folder + ".image");

    public static async Task<SlowDisk> MountAsync(string folder, int megabytes, long bytesPerSecond)
    {
        Assert.True(File.Exists(Throttle), $"This test needs a disk that the kernel slows down, and there is no {Throttle} here.");
        var disk = new SlowDisk(folder);
        try
        {
            await disk.PrepareAsync(megabytes, bytesPerSecond);
            return disk;
        }
        catch
        {
            await disk.DisposeAsync();
            throw;
        }
    }

    /// <summary>From now on it is as fast as any.</summary>
    public Task ReleaseAsync() => SetAsync(0);

    public async ValueTask DisposeAsync()
    {
        if (_device.Length > 0)
            await ReleaseAsync();
        if (_isMounted)
            await Shell.RunAsync("umount", ["-l", _folder]);
        if (_device.Length > 0)
            await Shell.RunAsync("losetup", ["-d", _device]);
        File.Delete(_image);
    }

    private async Task PrepareAsync(int megabytes, long bytesPerSecond)
    {
        await using (var image = File.Create(_image))
            image.SetLength(megabytes * 1024L * 1024);
        (await Shell.RunAsync("mkfs.ext4", ["-q", _image])).MustSucceed();
        _device = (await Shell.RunAsync("losetup", ["-f", "--show", _image])).MustSucceed().Output.Trim();
        Directory.CreateDirectory(_folder);
        (await Shell.RunAsync("mount", ["-o", "sync", _device, _folder])).MustSucceed();
        _isMounted = true;
        File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await SetAsync(bytesPerSecond);
    }

    private async Task SetAsync(long bytesPerSecond)
    {
        var number = (await File.ReadAllTextAsync($"/sys/block/{Path.GetFileName(_device)}/dev")).Trim();
        await File.WriteAllTextAsync(Throttle, $"{number} {bytesPerSecond}");
    }
}
