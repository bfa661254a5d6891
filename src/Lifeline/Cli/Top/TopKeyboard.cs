using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Lifeline.Cli.Top;

/// <summary>A key, or null where the terminal has got another size.</summary>
internal readonly record struct TopPress(ConsoleKeyInfo? Key);

/// <summary>Keys of the terminal, read on a thread of their own, as reading them cannot be cancelled.</summary>
internal sealed class TopKeyboard : IDisposable
{
    // Keys typed ahead; whoever leans on the keyboard loses the rest.
    private const int Capacity = 64;

    private readonly Channel<TopPress> keys = Channel.CreateBounded<TopPress>(new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private PosixSignalRegistration? resized;

    public static TopKeyboard Start()
    {
        var keyboard = new TopKeyboard();
        keyboard.resized = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => keyboard.keys.Writer.TryWrite(default));
        new Thread(keyboard.Read) { IsBackground = true, Name = "keyboard" }.Start();
        return keyboard;
    }

    /// <summary>Waits for a key, for so long at most; null if none came, or none will any more.</summary>
    public async Task<TopPress?> NextAsync(TimeSpan time, TimeProvider clock, CancellationToken cancellation)
    {
        if (keys.Reader.TryRead(out var waiting)) return waiting;
        using var limit = new CancellationTokenSource(time, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            if (await keys.Reader.WaitToReadAsync(both.Token).ConfigureAwait(false) && keys.Reader.TryRead(out var key)) return key;
            // The terminal is gone; what remains is the time.
            await Task.Delay(time, clock, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The time is over.
        }
        return null;
    }

    public void Dispose() => resized?.Dispose();

    private void Read()
    {
        try
        {
            while (true) keys.Writer.TryWrite(new TopPress(Console.ReadKey(intercept: true)));
        }
        catch (Exception e) when (e is InvalidOperationException or IOException)
        {
            keys.Writer.TryComplete();
        }
    }
}
