using System.Text;

namespace Lifeline.Configuration;

/// <summary>Reads a text file, or reports why it cannot be.</summary>
internal static class FileText
{
    /// <summary>Bytes; a configuration is written by people.</summary>
    public const int MaximumSize = 1 << 20;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string? TryRead(string file, SourceLocation mention, string what, ErrorList errors)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            // Not the length: a pipe or a file of /proc has none.
            var bytes = new byte[MaximumSize + 1];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length <= MaximumSize) return StrictUtf8.GetString(bytes, 0, length).TrimStart('\uFEFF');
            errors.Add(mention, $"{what} {Quoted.Of(file)} is larger than 1 MiB");
        }
        catch (DecoderFallbackException)
        {
            errors.Add(mention, $"{what} {Quoted.Of(file)} is not UTF-8 text");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            errors.Add(mention, $"{what} {Quoted.Of(file)} does not exist");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add(mention, $"{what} {Quoted.Of(file)} cannot be read: {Reason(e, file)}");
        }
        return null;
    }

    private static string Reason(Exception e, string file) => e switch
    {
        _ when Directory.Exists(file) => "it is a folder",
        UnauthorizedAccessException => "permission denied",
        _ => e.Message,
    };
}
