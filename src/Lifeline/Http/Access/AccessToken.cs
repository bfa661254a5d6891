using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lifeline.Linux;

namespace Lifeline.Http;

/// <summary>
/// The secret of the file <c>token</c> in the run folder, and the cookies that are made from it: both outlive the monitor, so that a
/// browser stays signed in when it is replaced. Never written anywhere else. Thread-safe.
/// </summary>
internal sealed class AccessToken
{
    private const int SecretBytes = 32;
    private const int NonceBytes = 12;

    // No more than a signature and a number: whatever is longer is none of ours.
    private const int MaxCookieLength = 256;

    private static readonly TimeSpan CookieLife = TimeSpan.FromDays(7);

    private readonly byte[] _digest;
    private readonly byte[] _cookieKey;
    private readonly TimeProvider _time;

    private AccessToken(string secret, TimeProvider time)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        _time = time;
        _digest = SHA256.HashData(bytes);
        _cookieKey = HMACSHA256.HashData(bytes, "lifeline dashboard cookie"u8);
        // Cookies know no ports: each Lifeline of a machine has a name of its own.
        CookieName = "lifeline_" + Convert.ToHexStringLower(HMACSHA256.HashData(bytes, "lifeline cookie name"u8), 0, 4);
    }

    public string CookieName { get; }

    /// <summary>Reads the file, or makes it with mode 0600.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static AccessToken Open(string path, TimeProvider time)
    {
        if (TryRead(path) is { } known)
            return new AccessToken(known, time);
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        var fresh = path + ".new";
        File.Delete(fresh);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var writer = new StreamWriter(new FileStream(fresh, options)))
            writer.Write(secret + "\n");
        File.Move(fresh, path, overwrite: true);
        return new AccessToken(secret, time);
    }

    /// <summary>Whether this is the token; takes the same time for every wrong one.</summary>
    public bool Matches(ReadOnlySpan<char> candidate)
    {
        // Digests, so that neither content nor length can be found out by timing.
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(candidate.ToString()), digest);
        return CryptographicOperations.FixedTimeEquals(digest, _digest);
    }

    /// <summary>A cookie that is good from now on, and for how long.</summary>
    public (string Value, TimeSpan Life) NewCookie()
    {
        var expiry = (_time.GetUtcNow() + CookieLife).ToUnixTimeSeconds();
        var signed = string.Create(CultureInfo.InvariantCulture, $"{expiry}.{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(NonceBytes))}");
        return ($"{signed}.{Sign(signed)}", CookieLife);
    }

    public bool IsCookie(string? value)
    {
        if (value is null || value.Length > MaxCookieLength || value.LastIndexOf('.') is not (> 0 and var dot))
            return false;
        var signed = value[..dot];
        if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Sign(signed)), Encoding.ASCII.GetBytes(value[(dot + 1)..])))
            return false;
        return long.TryParse(signed.AsSpan(0, signed.IndexOf('.')), NumberStyles.None, CultureInfo.InvariantCulture, out var expiry)
            && expiry > _time.GetUtcNow().ToUnixTimeSeconds();
    }

    private string Sign(string text) => Base64Url.EncodeToString(HMACSHA256.HashData(_cookieKey, Encoding.UTF8.GetBytes(text)));

    private static string? TryRead(string path)
    {
        // A file that others could read or write is no secret: it is replaced.
        if (FileStatus.TryOf(path, followLinks: false) is not { Kind: FileKind.Regular } file
            || file.Uid != CurrentProcess.Uid || ((int)file.Mode & 0b111_111) != 0)
            return null;
        var text = File.ReadAllText(path).Trim();
        return text.Length >= SecretBytes ? text : null;
    }
}
