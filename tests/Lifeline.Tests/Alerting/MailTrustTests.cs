using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lifeline.Alerting;
using Xunit;

namespace Lifeline.Tests.Alerting;

public sealed class MailTrustTests : IDisposable
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";

    private readonly string _file = Path.GetTempFileName();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose()
    {
        _key.Dispose();
        File.Delete(_file);
    }

    [Theory]
    [InlineData(ServerUse, true)]
    [InlineData(null, true)]
    [InlineData(ClientUse, false)]
    public void What_the_authority_made_for_something_else_is_no_servers(string? use, bool isAccepted)
    {
        using var authority = Authority(2);
        using var shown = Sign(authority, use);
        using var trust = new MailTrust(Target(_file));
        Assert.Equal(isAccepted, trust.Accepts(shown, null, SslPolicyErrors.RemoteCertificateChainErrors));
        if (!isAccepted)
            Assert.Contains("not trusted (NotValidForUsage)", trust.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_that_was_found_wrong_is_refused_also_where_nobody_says_how()
    {
        using var authority = Authority(2);
        using var shown = Sign(authority, ServerUse);
        using var trust = new MailTrust(Target(null));
        Assert.False(trust.Accepts(shown, null, SslPolicyErrors.RemoteCertificateChainErrors));
        Assert.Contains("whom this machine does not know", trust.Refusal, StringComparison.Ordinal);
        Assert.True(trust.Accepts(shown, null, SslPolicyErrors.None));
    }

    [Fact]
    public void The_end_of_an_authority_is_not_told_as_that_of_the_certificate()
    {
        using var authority = Authority(-1);
        using var shown = Sign(authority, ServerUse);
        using var trust = new MailTrust(Target(_file));
        Assert.False(trust.Accepts(shown, null, SslPolicyErrors.RemoteCertificateChainErrors));
        Assert.StartsWith("the certificate of its signer \"authority\" is good from ", trust.Refusal, StringComparison.Ordinal);
    }

    private static EmailTarget Target(string? file) => new("a@example.org", "b@example.org", "mail.example.org", 25, MailTls.StartTls) { Authorities = file };

    private X509Certificate2 Authority(int daysLeft)
    {
        var request = new CertificateRequest("CN=authority", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-4), DateTimeOffset.UtcNow.AddDays(daysLeft));
        File.WriteAllText(_file, made.ExportCertificatePem());
        return made;
    }

    private static X509Certificate2 Sign(X509Certificate2 authority, string? use)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mail.example.org", key, HashAlgorithmName.SHA256);
        if (use is not null)
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], false));
        using var signer = authority.GetECDsaPrivateKey()!;
        return request.Create(authority.SubjectName, X509SignatureGenerator.CreateForECDsa(signer), DateTimeOffset.UtcNow.AddDays(-3), DateTimeOffset.UtcNow.AddDays(1), Guid.NewGuid().ToByteArray());
    }
}
