namespace Lifeline.Ipc.Registry;

/// <summary>The rule for names: 1 to 64 of A-Z a-z 0-9 _ . -</summary>
internal static class RegistryName
{
    internal const int MaxLength = 64;

    private const string ReservedPrefix = "lifeline.";

    internal static bool IsReserved(string name) => name.StartsWith(ReservedPrefix, StringComparison.Ordinal);

    /// <summary>Refuses what is no name.</summary>
    internal static void Check(string name)
    {
        if (name.Length is 0 or > MaxLength)
            throw new IpcException(IpcError.CheckParam, $"A name of {name.Length} characters; 1 to {MaxLength} are allowed.");
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-'))
                throw new IpcException(IpcError.CheckParam, $"The name \"{name}\" contains U+{(int)c:X4}; letters, digits and _ . - are allowed.");
        }
    }
}
