namespace Lifeline.Alerting;

/// <summary>
/// Posts alerts to a Prometheus Alertmanager (API v2), which groups, routes and resolves them itself. It forgets an alert that is not
/// told again before its end: <see cref="RefreshAsync"/> tells what is still open.
/// </summary>
internal sealed class AlertmanagerSender : IAlertSender
{
    private readonly WebhookSender _http;
    private readonly AlertOptions _options;

    public AlertmanagerSender(Uri target, AlertOptions options, TimeProvider time)
    {
        _options = options;
        var address = new UriBuilder(target) { Query = "", Fragment = "" };
        address.Path = address.Path.TrimEnd('/') + "/api/v2/alerts";
        _http = new WebhookSender(address.Uri, message => AlertmanagerBody.Of(message, options.AlertmanagerHold), options, time);
    }

    public Task<DeliveryAttempt> SendAsync(AlertMessage message, CancellationToken cancellation) => _http.SendAsync(message, cancellation);

    /// <summary>Tells again of alerts that are still open.</summary>
    public Task<DeliveryAttempt> RefreshAsync(IReadOnlyList<Contracts.OpenAlert> open, DateTimeOffset now, CancellationToken cancellation) =>
        _http.PostAsync(0, AlertmanagerBody.Of(open, _options.Host, now + _options.AlertmanagerHold), cancellation);

    public void Dispose() => _http.Dispose();
}
