using Lifeline.Contracts;
using Lifeline.Ipc;
using Microsoft.Extensions.Logging;

namespace Lifeline.Client;

/// <summary>
/// What this process claims, and what the present monitor was told of it. One pump at a time tells the difference, call after call,
/// so that a claim and its end arrive in order. Thread-safe.
/// </summary>
internal sealed class ClaimSet(ILogger logger)
{
    public const int MaxClaims = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<(ClaimKind Kind, string What), int> _wanted = [];
    private readonly HashSet<(ClaimKind Kind, string What)> _told = [];
    private ServiceMonitorProxy? _monitor;
    private bool _isPumping;

    public void Add(ClaimKind kind, string what)
    {
        lock (_gate)
        {
            var count = _wanted.GetValueOrDefault((kind, what));
            if (count == 0 && _wanted.Count == MaxClaims)
                throw new InvalidOperationException($"{MaxClaims} things are claimed already, and the limit is {MaxClaims}.");
            _wanted[(kind, what)] = count + 1;
        }

        _ = PumpAsync();
    }

    public void Remove(ClaimKind kind, string what)
    {
        lock (_gate)
        {
            var count = _wanted[(kind, what)] - 1;
            if (count == 0)
                _wanted.Remove((kind, what));
            else
                _wanted[(kind, what)] = count;
        }

        _ = PumpAsync();
    }

    /// <summary>
    /// A new monitor, which is told of every claim, and also of the end of those that ended since: it may have inherited
    /// what the one before knew. Completes when it was told of all.
    /// </summary>
    public Task AttachAsync(ServiceMonitorProxy monitor)
    {
        lock (_gate)
        {
            _monitor = monitor;
            _told.ExceptWith(_wanted.Keys);
        }

        return PumpAsync();
    }

    public void Detach()
    {
        lock (_gate)
            _monitor = null;
    }

    private async Task PumpAsync()
    {
        lock (_gate)
        {
            if (_isPumping || _monitor is null)
                return;
            _isPumping = true;
        }

        while (TakeNext() is var (monitor, claim, isWanted))
        {
            try
            {
                await (isWanted ? monitor.ClaimAsync(claim.Kind, claim.What) : monitor.UnclaimAsync(claim.Kind, claim.What)).ConfigureAwait(false);
            }
            catch (IpcException e) when (monitor.Proxy.IsDead)
            {
                logger.LogDebug(e, "The monitor went while it was told of a claim; the next one will be.");
                Forget(monitor, claim, isWanted);
            }
            catch (IpcException e)
            {
                logger.LogWarning(e, "The monitor refused the claim of {Kind} {What}.", JsonNames.Of(claim.Kind), claim.What);
            }
            catch (ObjectDisposedException)
            {
                Forget(monitor, claim, isWanted);
            }
        }
    }

    private (ServiceMonitorProxy Monitor, (ClaimKind Kind, string What) Claim, bool IsWanted)? TakeNext()
    {
        lock (_gate)
        {
            if (_monitor is not null)
            {
                foreach (var claim in _wanted.Keys)
                {
                    if (_told.Add(claim))
                        return (_monitor, claim, true);
                }

                foreach (var claim in _told)
                {
                    if (!_wanted.ContainsKey(claim))
                    {
                        _told.Remove(claim);
                        return (_monitor, claim, false);
                    }
                }
            }

            _isPumping = false;
            return null;
        }
    }

    private void Forget(ServiceMonitorProxy monitor, (ClaimKind Kind, string What) claim, bool isWanted)
    {
        lock (_gate)
        {
            if (_monitor == monitor)
                _monitor = null;
            if (!isWanted)
                _told.Add(claim);
        }
    }
}
