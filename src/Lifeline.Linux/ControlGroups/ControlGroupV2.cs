namespace Lifeline.Linux;

/// <summary>A group of the unified hierarchy.</summary>
internal sealed class ControlGroupV2(string path) : ControlGroup(path)
{
    private string EventsFile => System.IO.Path.Combine(Path, "cgroup.events");

    private string KillFile => System.IO.Path.Combine(Path, "cgroup.kill");

    public override bool IsPopulated
    {
        get
        {
            foreach (var line in ProcFs.TryReadLines(EventsFile) ?? [])
                if (line.StartsWith("populated ", StringComparison.Ordinal))
                    return line[^1] == '1';
            return false;
        }
    }

    public override void Kill()
    {
        try
        {
            using var file = Descriptor.Open(KillFile, OpenFlags.Write);
            file.WriteAll("1"u8);
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
        try
        {
            var events = Descriptor.Open(EventsFile, OpenFlags.Read);
            // Only changes after the first read are reported.
            Span<byte> text = stackalloc byte[64];
            events.Read(text);
            return events;
        }
        catch (LinuxException)
        {
            return null;
        }
    }
}
