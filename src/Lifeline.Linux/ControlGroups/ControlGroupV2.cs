namespace Lifeline.Linux;

/// <summary>A group of the unified hierarchy.</summary>
internal sealed class ControlGroupV2(string path) : ControlGroup(path)
{
    // "populated 0", "frozen 0" and what later kernels may add.
    private const int EventsSize = 256;

    private string EventsFile => System.IO.Path.Combine(Path, "cgroup.events");

    private string KillFile => System.IO.Path.Combine(Path, "cgroup.kill");

    public override bool IsPopulated
    {
        get
        {
            Span<byte> text = stackalloc byte[EventsSize];
            try
            {
                using var file = Descriptor.Open(EventsFile, OpenFlags.Read);
                return text[..file.Read(text)].IndexOf("populated 1"u8) >= 0;
            }
            catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.ENODEV)
            {
                return false;
            }
        }
    }

    public override void Kill()
    {
        try
        {
            using (var file = Descriptor.Open(KillFile, OpenFlags.Write))
                file.WriteAll("1"u8);
            // cgroup.kill passes over processes whose first thread has ended while others live (seen up to Linux 6.18).
            KillEach.Once(this);
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT && Exists)
        {
            // Kernels before 5.14 have no cgroup.kill.
            KillEach.In(this);
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.ENODEV)
        {
            // The group is gone, and everything in it was before.
        }
    }

    public override Descriptor? OpenEvents()
    {
        Descriptor? events = null;
        try
        {
            events = Descriptor.Open(EventsFile, OpenFlags.Read);
            // Only changes after the first read are reported.
            events.Read(stackalloc byte[EventsSize]);
            return events;
        }
        catch (LinuxException e)
        {
            events?.Dispose();
            if (e.Errno is Errno.ENOENT or Errno.ENODEV)
                return null;
            throw;
        }
    }
}
