using System.Runtime.InteropServices;
using System.Text;
using Lifeline.Cli.Rendering;
using Lifeline.Configuration;
using Lifeline.Linux;

namespace Lifeline.Cli;

/// <summary>What a command sees of the world around it: where it prints, who runs it, the clock, and when it is to stop.</summary>
internal sealed class CliContext : IDisposable
{
    private const int DefaultWidth = 80;

    private readonly CancellationTokenSource interrupt = new();
    private readonly List<PosixSignalRegistration> signals = [];

    public required TextWriter Output { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>Looks up an environment variable.</summary>
    public required Func<string, string?> Variable { get; init; }

    public required string CurrentFolder { get; init; }

    public required uint UserId { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Standard output is a terminal, which control characters could harm.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>Standard output is a terminal: tables may be drawn and redrawn.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>Colour may be used on standard output.</summary>
    public bool Color { get; init; }

    /// <summary>Colour may be used on standard error.</summary>
    public bool ErrorColor { get; init; }

    /// <summary>Columns of the terminal.</summary>
    public int Width { get; init; } = DefaultWidth;

    /// <summary>The width that texts keep to: that of a terminal; null elsewhere, where nothing is broken or left out.</summary>
    public int? TextWidth => IsTerminal ? Width : null;

    /// <summary>Columns of the terminal that standard error is; null elsewhere, where no message is broken.</summary>
    public int? ErrorWidth { get; init; }

    /// <summary>Whoever read standard output is gone (<c>lifeline logs -f a | head</c>): going on is pointless.</summary>
    public Func<bool> IsOutputClosed { get; init; } = static () => false;

    /// <summary>Set by Ctrl-C; only for commands that called <see cref="CatchInterrupt"/>.</summary>
    public CancellationToken Interrupted => interrupt.Token;

    /// <summary>The context of this process.</summary>
    public static CliContext ForProcess()
    {
        var outputIsTerminal = Terminal.IsTerminal(1);
        var plain = IsPlain(Environment.GetEnvironmentVariable);
        return new CliContext
        {
            Output = new StreamWriter(StandardStream.Output, new UTF8Encoding(false), bufferSize: 16 * 1024) { AutoFlush = false },
            Error = new StreamWriter(StandardStream.Error, new UTF8Encoding(false), bufferSize: 1024) { AutoFlush = true },
            Variable = Environment.GetEnvironmentVariable,
            CurrentFolder = Environment.CurrentDirectory,
            UserId = (uint)CurrentProcess.Uid,
            IsTerminal = outputIsTerminal,
            IsInteractive = outputIsTerminal && !plain,
            Color = outputIsTerminal && !plain,
            ErrorColor = Terminal.IsTerminal(2) && !plain,
            ErrorWidth = Terminal.IsTerminal(2) ? Terminal.Columns(2) ?? DefaultWidth : null,
            Width = Terminal.Columns(1) ?? DefaultWidth,
            IsOutputClosed = StandardOutput.IsClosed,
        };
    }

    /// <summary>The person, or the terminal itself, wants neither colour nor redrawing.</summary>
    public static bool IsPlain(Func<string, string?> variable) => !string.IsNullOrEmpty(variable("NO_COLOR")) || variable("TERM") is null or "" or "dumb";

    /// <summary>
    /// From here on Ctrl-C and SIGTERM set <see cref="Interrupted"/> instead of ending the process. Not for <c>up</c>, whose
    /// process becomes the keeper and has signals of its own.
    /// </summary>
    public CancellationToken CatchInterrupt()
    {
        if (signals.Count > 0) return Interrupted;
        foreach (var signal in (ReadOnlySpan<PosixSignal>)[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
        {
            signals.Add(PosixSignalRegistration.Create(signal, received =>
            {
                received.Cancel = true;
                interrupt.Cancel();
            }));
        }
        return Interrupted;
    }

    /// <summary>The same terminal, whose text is collected.</summary>
    public CliContext WithOutput(TextWriter output, int width) => new()
    {
        Output = output, Error = Error, Variable = Variable, CurrentFolder = CurrentFolder, UserId = UserId, Time = Time, Width = width,
        IsTerminal = IsTerminal, IsInteractive = IsInteractive, Color = Color, ErrorColor = ErrorColor, ErrorWidth = ErrorWidth, IsOutputClosed = IsOutputClosed, Variables = Variables,
    };

    /// <summary>As if Ctrl-C had been pressed.</summary>
    public void Interrupt() => interrupt.Cancel();

    /// <summary>All environment variables, for the configuration.</summary>
    public Func<IReadOnlyDictionary<string, string>> Variables { get; init; } = ConfigurationLoader.CurrentEnvironment;

    /// <summary>A message for the person at the terminal; never on standard output.</summary>
    public void Say(string message) => Tell("lifeline: ", message);

    /// <summary>What may help, below a message.</summary>
    public void Hint(string hint) => Tell("  ", hint);

    private void Tell(string head, string text)
    {
        foreach (var (index, line) in text.Split('\n').Index())
        {
            // Nothing of a message is cut: a word that is too long for a line is left to the terminal.
            var width = line.Split(' ').Max(word => word.Length) + head.Length > ErrorWidth ? null : ErrorWidth;
            Error.WriteLine(Wrapping.Below(index == 0 ? head : "", line, width));
        }
    }

    public void Dispose()
    {
        foreach (var signal in signals) signal.Dispose();
        interrupt.Dispose();
    }
}
