using Lifeline.Configuration;
using Lifeline.Contracts;
using Lifeline.Ipc;
using Lifeline.Supervision;

namespace Lifeline.Cli;

/// <summary>What the last monitor published of its services, for when none answers.</summary>
internal static class StaleBoard
{
    /// <summary>The services in the order of the configuration, each marked stale; null if there is no board.</summary>
    public static IReadOnlyList<ServiceSnapshot>? TryRead(Places places)
    {
        try
        {
            using var board = SharedBoardReader.Load(places.Board);
            var services = new List<ServiceSnapshot>();
            var value = new byte[board.Header.SlotSize];
            for (var slot = 0; slot < board.Header.Slots; slot++)
                if (board.Read(slot, value, out var length, out _) == SharedBoardResult.Value && BoardSnapshot.Decode(value.AsSpan(0, length)) is { } service)
                    services.Add(service with { Stale = true });
            return services;
        }
        catch (IpcException)
        {
            // None, or not one that can be read: that no monitor is running is all that can be told.
            return null;
        }
    }
}
