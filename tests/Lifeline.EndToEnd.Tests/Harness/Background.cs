using System.Diagnostics;
using System.Text;

namespace Lifeline.EndToEnd.Tests.Harness;

/// <summary>A server that runs beside a test and is ended with it.</summary>
internal sealed class Background : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private Background(Process process) => _process = process;

    /// <summary>What it said.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public static Background Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        var background = new Background(Process.Start(start)!);
        background._process.OutputDataReceived += background.Note;
        background._process.ErrorDataReceived += background.Note;
        background._process.BeginOutputReadLine();
        background._process.BeginErrorReadLine();
        return background;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Note(object sender, DataReceivedEventArgs e)
    {
        lock (_output)
            _output.AppendLine(e.Data);
    }
}
