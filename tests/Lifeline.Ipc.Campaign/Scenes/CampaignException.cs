using System.Diagnostics.CodeAnalysis;

namespace Lifeline.Ipc.Campaign.Scenes;

/// <summary>Something that must hold does not.</summary>
internal sealed class CampaignException(string message) : Exception(message)
{
    internal static void Unless([DoesNotReturnIf(false)] bool holds, string otherwise)
    {
        if (!holds)
            throw new CampaignException(otherwise);
    }
}
