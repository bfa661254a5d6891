using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Lifeline.Http;

/// <summary>The one-time links of <c>lifeline dashboard</c>: each opens the dashboard once, within a minute. Safe for any thread.</summary>
internal sealed class DashboardLinks(TimeProvider time)
{
    /// <summary>Links that wait to be opened; one more takes the place of the oldest.</summary>
    public const int MaxOpen = 16;

    public static readonly TimeSpan Life = TimeSpan.FromMinutes(1);

    private const int CodeBytes = 32;

    private readonly Lock _gate = new();
    private readonly List<(byte[] Digest, long Made)> _open = [];

    public string Make()
    {
        var code = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(CodeBytes));
        lock (_gate)
        {
            if (_open.Count == MaxOpen)
                _open.RemoveAt(0);
            _open.Add((DigestOf(code), time.GetTimestamp()));
        }

        return code;
    }

    /// <summary>Whether a code is good; it is not any more then.</summary>
    public bool Redeem(string? code)
    {
        if (string.IsNullOrEmpty(code) || code.Length > CodeBytes * 2)
            return false;
        var digest = DigestOf(code);
        lock (_gate)
        {
            _open.RemoveAll(link => time.GetElapsedTime(link.Made) >= Life);
            return _open.RemoveAll(link => CryptographicOperations.FixedTimeEquals(link.Digest, digest)) > 0;
        }
    }

    private static byte[] DigestOf(string code) => SHA256.HashData(Encoding.UTF8.GetBytes(code));
}
