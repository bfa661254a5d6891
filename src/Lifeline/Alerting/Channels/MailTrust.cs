using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Lifeline.Alerting;

/// <summary>Judges the certificate that a mail server shows, and remembers why it did not accept it. For one connection.</summary>
internal sealed class MailTrust : IDisposable
{
    // id-kp-serverAuth of RFC 5280.
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly EmailTarget target;
    private readonly X509Certificate2Collection? authorities;

    public MailTrust(EmailTarget target)
    {
        this.target = target;
        authorities = target.Authorities is { } file ? Read(file) : null;
    }

    /// <summary>What is wrong with the certificate, and which setting would accept it; null while nothing is.</summary>
    public string? Refusal { get; private set; }

    /// <summary>What is wrong with a file of authorities; null if nothing is.</summary>
    public static string? Check(string file)
    {
        try
        {
            var found = Read(file);
            Dispose(found);
            return found.Count == 0 ? $"{file} holds no certificate" : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return e is CryptographicException ? $"{file} holds a certificate that cannot be read: {e.Message}" : e.Message;
        }
    }

    /// <summary>As the callback of a TLS connection.</summary>
    public bool Accepts(X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors)
    {
        if (shown is not X509Certificate2 certificate || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            Refusal = "it shows no certificate";
        else if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            Refusal = $"its certificate is for \"{certificate.GetNameInfo(X509NameType.DnsName, false)}\", not for \"{target.Host}\"; smtp must name the server as its certificate does";
        else
            Refusal = authorities is not null ? JudgeByFile(certificate, chain) : errors == SslPolicyErrors.None ? null : Untrusted(certificate, chain);
        return Refusal is null;
    }

    public void Dispose()
    {
        if (authorities is not null) Dispose(authorities);
    }

    // The authorities of the file stand in the place of the machine's own.
    private string? JudgeByFile(X509Certificate2 certificate, X509Chain? shown)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities!);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        // What the authority made for something else, a person say, is no server's.
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        foreach (var between in shown?.ChainElements ?? Enumerable.Empty<X509ChainElement>()) chain.ChainPolicy.ExtraStore.Add(between.Certificate);
        return chain.Build(certificate) ? null : Untrusted(certificate, chain);
    }

    private string Untrusted(X509Certificate2 certificate, X509Chain? chain)
    {
        if (chain?.ChainElements.FirstOrDefault(element => element.ChainElementStatus.Any(status => status.Status.HasFlag(X509ChainStatusFlags.NotTimeValid))) is { Certificate: var ended })
        {
            var whose = ended.Equals(certificate) ? "its certificate" : $"the certificate of its signer \"{ended.GetNameInfo(X509NameType.SimpleName, false)}\"";
            return string.Create(CultureInfo.InvariantCulture, $"{whose} is good from {ended.NotBefore.ToUniversalTime():u} to {ended.NotAfter.ToUniversalTime():u} only");
        }

        var signer = certificate.IssuerName.Name == certificate.SubjectName.Name ? "itself" : $"\"{certificate.GetNameInfo(X509NameType.SimpleName, true)}\"";
        var faults = chain is null ? "no chain of signers" : string.Join(", ", chain.ChainStatus.Select(status => status.Status).Distinct());
        return target.Authorities is { } file
            ? $"its certificate is not trusted ({faults}): it is signed by {signer}, and tls_ca ({file}) does not vouch for that"
            : $"its certificate is not trusted ({faults}): it is signed by {signer}, whom this machine does not know; tls_ca = \"FILE.pem\" names whom to trust";
    }

    private static X509Certificate2Collection Read(string file)
    {
        var found = new X509Certificate2Collection();
        found.ImportFromPemFile(file);
        return found;
    }

    private static void Dispose(X509Certificate2Collection certificates)
    {
        foreach (var certificate in certificates) certificate.Dispose();
    }
}
