using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Lifeline.Alerting;

/// <summary>Sends alerts as mail. A connection for each message: they are rare, and servers close what is idle.</summary>
internal sealed class EmailSender(EmailTarget target, AlertOptions options, TimeProvider time) : IAlertSender
{
    /// <summary>Alerts written out in one mail; more are counted.</summary>
    private const int MaxListed = 200;

    public async Task<DeliveryAttempt> SendAsync(AlertMessage message, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(options.EmailTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            return await DeliverAsync(message, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return DeliveryAttempt.Retry(string.Create(CultureInfo.InvariantCulture, $"{target} did not take it within {options.EmailTimeout.TotalSeconds:0.###} s"));
        }
        catch (SmtpCommandException e)
        {
            var error = $"{target} answered {(int)e.StatusCode}: {e.Message}";
            return (int)e.StatusCode is >= 500 and < 600 ? DeliveryAttempt.GiveUp(error) : DeliveryAttempt.Retry(error);
        }
        catch (NotSupportedException) when (Protection() == SecureSocketOptions.StartTls)
        {
            return DeliveryAttempt.Retry($"{target} offers no STARTTLS, and {(target.Tls == MailTls.StartTls ? "tls = \"starttls\" sends nothing without" : "tls = \"auto\" sends no password without")}");
        }
        catch (Exception e) when (e is ProtocolException or AuthenticationException or IOException or SocketException or NotSupportedException or UnauthorizedAccessException or CryptographicException)
        {
            return DeliveryAttempt.Retry($"{target}: {FirstLine(e.Message)}");
        }
    }

    public void Dispose()
    {
    }

    /// <summary>The mail of a message.</summary>
    public static MimeMessage Compose(EmailTarget target, AlertMessage message)
    {
        var host = AlertPayload.HostOf(message.Items[0].Entry.Payload);
        var mail = new MimeMessage();
        mail.From.Add(MailboxAddress.Parse(target.From));
        mail.To.AddRange(InternetAddressList.Parse(target.To));
        mail.Subject = $"[lifeline] {host}: {message.Title}";
        mail.Date = message.First.At;

        // The same when it is sent again, so that a mail which arrives twice is known as one.
        mail.MessageId = string.Create(CultureInfo.InvariantCulture, $"lifeline.{message.Id}.{message.First.At.ToUnixTimeMilliseconds()}@{host}");
        mail.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
        mail.Headers.Add("X-Lifeline-Alert", message.First.Channel);
        mail.Headers.Add("X-Lifeline-Rule", message.First.Rule);
        mail.Headers.Add("X-Lifeline-State", AlertPayload.StateOf(message.First));
        mail.Body = new TextPart("plain") { Text = TextOf(message, host) };
        return mail;
    }

    private async Task<DeliveryAttempt> DeliverAsync(AlertMessage message, CancellationToken cancellation)
    {
        // Nobody fetches revocation lists from a machine that may reach nothing but its mail server.
        using var client = new SmtpClient { CheckCertificateRevocation = false, Timeout = (int)options.EmailTimeout.TotalMilliseconds };
        using var trust = new MailTrust(target);
        client.ServerCertificateValidationCallback = (_, certificate, chain, errors) => trust.Accepts(certificate, chain, errors);
        try
        {
            await client.ConnectAsync(target.Host, target.Port, Protection(), cancellation).ConfigureAwait(false);
        }
        catch (SslHandshakeException e)
        {
            return DeliveryAttempt.Retry($"{target}: {trust.Refusal ?? NoHandshake(e)}");
        }
        if (target.User is { } user)
            await client.AuthenticateAsync(user, target.Password ?? "", cancellation).ConfigureAwait(false);
        var answer = await client.SendAsync(Compose(target, message), cancellation).ConfigureAwait(false);
        await client.DisconnectAsync(quit: true, cancellation).ConfigureAwait(false);
        return DeliveryAttempt.Done($"{target} answered: {FirstLine(answer)}");
    }

    // The library's own text names what it might be, on many lines.
    private string NoHandshake(SslHandshakeException e) =>
        $"no TLS could be agreed upon: {FirstLine((e.InnerException ?? e).Message)}"
        + (target.Tls == MailTls.Implicit ? "; a port that begins without TLS wants smtp:// and tls = \"starttls\"" : "");

    private SecureSocketOptions Protection() => target.Tls switch
    {
        MailTls.Implicit => SecureSocketOptions.SslOnConnect,
        MailTls.StartTls => SecureSocketOptions.StartTls,
        MailTls.None => SecureSocketOptions.None,
        _ when target.User is not null && !IsThisMachine(target.Host) => SecureSocketOptions.StartTls,
        _ => SecureSocketOptions.StartTlsWhenAvailable,
    };

    private static bool IsThisMachine(string host) => host == "localhost" || (System.Net.IPAddress.TryParse(host, out var address) && System.Net.IPAddress.IsLoopback(address));

    private static string TextOf(AlertMessage message, string host)
    {
        var text = new StringBuilder();
        text.Append(message.Text).Append("\n\n");
        foreach (var item in message.Count == 1 ? [] : message.Items.Take(MaxListed))
            text.Append(CultureInfo.InvariantCulture, $"{AlertPayload.Spell(item.Alert.At)}  {item.Alert.Text}\n");
        if (message.Count > MaxListed)
            text.Append(CultureInfo.InvariantCulture, $"and {message.Count - MaxListed} more\n");
        var first = message.First;
        text.Append(CultureInfo.InvariantCulture, $"\nhost: {host}\nrule: {first.Rule}\nstate: {AlertPayload.StateOf(first)}\nat: {AlertPayload.Spell(first.At)}\n");
        if (message.Count == 1 && first.Service.Length > 0)
            text.Append(CultureInfo.InvariantCulture, $"service: {first.Service}, generation {first.Generation}\n");
        if (first.Suppressed > 0)
            text.Append(CultureInfo.InvariantCulture, $"held back since the last one: {first.Suppressed}\n");
        if (first is { Number: > 0, Resolved: false })
            text.Append(CultureInfo.InvariantCulture, $"\nTo take care of it: lifeline alert ack {first.Number}\n");
        return text.ToString();
    }

    private static string FirstLine(string text) => text.Split('\n', 2)[0].Trim();
}
