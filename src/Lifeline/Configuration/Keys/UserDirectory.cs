using System.Globalization;

namespace Lifeline.Configuration;

/// <summary>User names and numbers of /etc/passwd. Users of other directories are named by number.</summary>
internal sealed class UserDirectory(string passwdFile = UserDirectory.SystemFile)
{
    public const string SystemFile = "/etc/passwd";

    private Dictionary<string, uint>? users;

    public IEnumerable<string> Names => Users.Keys;

    private Dictionary<string, uint> Users => users ??= Read();

    public uint? Find(string name) => Users.TryGetValue(name, out var id) ? id : null;

    public string? FindName(uint id) => Users.Where(user => user.Value == id).Select(user => user.Key).FirstOrDefault();

    private Dictionary<string, uint> Read()
    {
        var found = new Dictionary<string, uint>(StringComparer.Ordinal);
        try
        {
            foreach (var line in File.ReadLines(passwdFile))
            {
                var fields = line.Split(':');
                if (fields.Length > 2 && uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                    found.TryAdd(fields[0], id);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A container may have no such file: then every name is unknown and is reported as such.
        }
        return found;
    }
}
