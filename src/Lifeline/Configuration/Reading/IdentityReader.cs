using System.Globalization;
using Lifeline.Linux;

namespace Lifeline.Configuration;

/// <summary>Reads users and groups, by name or number, and makes an identity of them.</summary>
internal static class IdentityReader
{
    public static object? ReadUser(KeyDefinition key, ConfigValue value, ReadContext context)
    {
        if (ReadText(key, value, context) is not { } text) return null;
        if (Users.Find(text) is { } byName) return byName;
        if (ReadNumber(text) is { } uid)
            return Users.Find(uid) ?? new UserEntry(text, uid, uint.MaxValue, "/");
        context.Errors.Add(value.Location, $"there is no user {Quoted.Of(text)}", "create it, or write the number");
        return null;
    }

    public static object? ReadGroup(KeyDefinition key, ConfigValue value, ReadContext context)
    {
        if (ReadText(key, value, context) is not { } text) return null;
        if (Users.FindGroup(text) is { } byName) return byName;
        if (ReadNumber(text) is { } gid) return gid;
        context.Errors.Add(value.Location, $"there is no group {Quoted.Of(text)}", "create it, or write the number");
        return null;
    }

    /// <summary>Null: neither is given, or one could not be read.</summary>
    public static ServiceIdentity? Bind(Section section, ErrorList errors)
    {
        var user = section.Get<UserEntry>("user");
        var group = section.Get<object>("unix_group") as uint?;
        if (user is null && group is null) return null;
        if (section.Has("user") && user is null) return null;
        user ??= Users.Find(CurrentProcess.Uid) ?? new UserEntry(CurrentProcess.Uid.ToString(CultureInfo.InvariantCulture), CurrentProcess.Uid, uint.MaxValue, "/");
        var known = user.Gid != uint.MaxValue;
        if (!known && group is null && !section.Has("unix_group"))
        {
            errors.Add(section.Find("user") ?? section.Location, $"the user {user.Name} is not in the system's user database, so its group is not known", "give unix_group too");
            return null;
        }
        return new ServiceIdentity
        {
            User = user.Name,
            Uid = user.Uid,
            Gid = group ?? user.Gid,
            Groups = known ? Users.GroupsOf(group is { } gid ? user with { Gid = gid } : user) : [group ?? 0],
            Home = user.Home,
            Shell = user.Shell,
        };
    }

    private static string? ReadText(KeyDefinition key, ConfigValue value, ReadContext context) => value is ConfigInteger integer
        ? integer.Number.ToString(CultureInfo.InvariantCulture)
        : ValueReader.ReadText(key, value, "a name or a number", context);

    private static uint? ReadNumber(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id != uint.MaxValue ? id : null;
}
