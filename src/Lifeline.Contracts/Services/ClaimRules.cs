using System.Globalization;
using System.Text;

namespace Lifeline.Contracts;

/// <summary>What may be claimed. Both sides ask: the client to tell its user at once, the monitor because it believes nobody.</summary>
public static class ClaimRules
{
    /// <summary>Says what is wrong with a claim, or null.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="what">An absolute path, or the id of a System V object in decimal.</param>
    public static string? Check(ClaimKind kind, string what)
    {
        ArgumentNullException.ThrowIfNull(what);
        if (kind is < ClaimKind.Path or > ClaimKind.SysVMsg)
            return $"There is no kind of claim {(int)kind}.";
        var bytes = Encoding.UTF8.GetByteCount(what);
        if (bytes > CallLimits.MaxClaimBytes)
            return $"What is claimed is {bytes} bytes long, and the limit is {CallLimits.MaxClaimBytes}.";
        if (kind == ClaimKind.Path)
            return what.StartsWith('/') && !what.Contains('\0', StringComparison.Ordinal) ? null : $"A claimed path must be absolute, and \"{what}\" is not.";
        return int.TryParse(what, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? null
            : $"A claimed {JsonNames.Of(kind)} is named by its id in decimal, and \"{what}\" is none.";
    }
}
