namespace Lifeline.Monitor;

/// <summary>
/// What the slots of a service are called where each needs a name of its own: in the journal, at the keeper, in events about
/// instances and in effects. The first has the service's; the second a mark behind it that no service's name can have.
/// </summary>
public static class SlotKeys
{
    /// <summary>Stands behind the service's name in the key of its second slot.</summary>
    public const char Mark = '~';

    /// <summary>The key of a service's second slot.</summary>
    /// <param name="service">The service.</param>
    public static string SecondOf(string service) => service + Mark;

    /// <summary>The service whose slot has this key.</summary>
    /// <param name="key">The key.</param>
    public static string ServiceOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return IsSecond(key) ? key[..^1] : key;
    }

    /// <summary>The key of the other slot of the same service.</summary>
    /// <param name="key">The key of the one.</param>
    public static string OtherOf(string key) => IsSecond(key) ? ServiceOf(key) : SecondOf(key);

    /// <summary>Whether it is the key of a second slot.</summary>
    /// <param name="key">The key.</param>
    public static bool IsSecond(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.EndsWith(Mark);
    }
}
