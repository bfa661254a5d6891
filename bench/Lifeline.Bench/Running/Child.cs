using System.Diagnostics;
using Lifeline.Bench.Results;

namespace Lifeline.Bench.Running;

/// <summary>A process in a role. It ends when it is disposed, and by itself when the bench is gone.</summary>
internal sealed class Child : IAsyncDisposable
{
    private const int MaxComplaints = 3;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(100);
    private readonly Process _process;
    private readonly string _what;
    private readonly List<string> _complaints = [];

    private Child(Process process, string what)
    {
        _process = process;
        _what = what;
        _process.ErrorDataReceived += (_, line) => Complain(line.Data);
        _process.BeginErrorReadLine();
    }

    internal int Pid => _process.Id;

    /// <summary>Starts a role and waits until it is ready.</summary>
    /// <param name="contender">The program.</param>
    /// <param name="processor">The only processor that it may use; null for all.</param>
    /// <param name="role">The role and its arguments.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal static async Task<Child> StartAsync(Contender contender, int? processor, string[] role, CancellationToken cancellationToken)
    {
        string[] command = [contender.Program, .. contender.Prefix, .. role];
        if (processor is { } one)
            command = ["taskset", "-c", $"{one}", .. command];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // What a shell that runs the bench has set must not decide how the children run.
        foreach (string name in start.Environment.Keys.Where(k => k.StartsWith("DOTNET_Tiered", StringComparison.Ordinal) || k.StartsWith("DOTNET_gc", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(name);
        var child = new Child(Process.Start(start)!, $"{contender.Name}, {role[0]}");
        try
        {
            await child.HearAsync("ready", cancellationToken);
            return child;
        }
        catch (Exception e) when (e is BenchException or OperationCanceledException)
        {
            await child.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts roles side by side; all of them, or none is left.</summary>
    internal static async Task<Child[]> StartAllAsync(Contender contender, string[][] roles, CancellationToken cancellationToken)
    {
        Task<Child>[] starts = [.. roles.Select(role => StartAsync(contender, null, role, cancellationToken))];
        try
        {
            return await Task.WhenAll(starts);
        }
        catch (Exception e) when (e is BenchException or OperationCanceledException)
        {
            foreach (Task<Child> start in starts.Where(s => s.IsCompletedSuccessfully))
                await (await start).DisposeAsync();
            throw;
        }
    }

    /// <summary>Says a line and waits for the figures that it answers.</summary>
    internal async Task<Figures> AskAsync(string line, CancellationToken cancellationToken)
    {
        await SayAsync(line, cancellationToken);
        return Figures.Parse(await HearAsync("done", cancellationToken));
    }

    /// <summary>Says a line; <see cref="AnswerAsync"/> gives the answer.</summary>
    internal async Task SayAsync(string line, CancellationToken cancellationToken)
    {
        try
        {
            await _process.StandardInput.WriteLineAsync(line.AsMemory(), cancellationToken);
            await _process.StandardInput.FlushAsync(cancellationToken);
        }
        catch (IOException)
        {
            throw new BenchException($"{_what}: ended{Complaints()}");
        }
    }

    internal async Task<Figures> AnswerAsync(CancellationToken cancellationToken) => Figures.Parse(await HearAsync("done", cancellationToken));

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10));
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
        catch (TimeoutException)
        {
            await Console.Error.WriteLineAsync($"{_what}: process {_process.Id} does not end");
        }

        _process.Dispose();
    }

    private async Task<string> HearAsync(string word, CancellationToken cancellationToken)
    {
        while (true)
        {
            string? line;
            try
            {
                line = await _process.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(s_patience, cancellationToken);
            }
            catch (TimeoutException)
            {
                throw new BenchException($"{_what}: no answer within {s_patience.TotalSeconds} s{Complaints()}");
            }

            if (line is null)
                throw new BenchException($"{_what}: ended{Complaints()}");
            if (line.StartsWith("failed", StringComparison.Ordinal))
                throw new BenchException($"{_what}: {line}");
            if (line.StartsWith(word, StringComparison.Ordinal))
                return line[word.Length..];
        }
    }

    private void Complain(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
            return;
        lock (_complaints)
        {
            if (_complaints.Count < MaxComplaints)
                _complaints.Add(line.Trim());
        }
    }

    private string Complaints()
    {
        lock (_complaints)
            return _complaints.Count == 0 ? "" : ": " + string.Join(" | ", _complaints);
    }
}
