using System.Diagnostics;

namespace Quickstart;

/// <summary>A child process that would outlive a killed parent.</summary>
internal sealed class Helper : IDisposable
{
    private readonly Process _process = Process.Start("sleep", "86400");

    public int Pid => _process.Id;

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }
}
