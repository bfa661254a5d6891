using System.Text.Json;
using System.Text.RegularExpressions;

namespace Lifeline.Importing;

/// <summary>The command line that pm2 makes of an app: lib/Common.js (prepareAppConf, resolveInterpreter) and lib/tools/Config.js of pm2 7.</summary>
internal static partial class Pm2Command
{
    private const int LookedAt = 512;

    // Which program runs a script, by its ending.
    private static readonly Dictionary<string, string> Interpreters = new(StringComparer.Ordinal)
    {
        [".js"] = "node", [".cjs"] = "node", [".mjs"] = "node", [".py"] = "python", [".sh"] = "bash", [".rb"] = "ruby", [".php"] = "php", [".pl"] = "perl", [".ts"] = "bun", [".tsx"] = "bun", [".coffee"] = "coffee", [".ls"] = "lsc",
    };

    /// <remarks>The interpreter is null where the app is run as it is.</remarks>
    public static (List<string> Command, string? Interpreter) Read(JsonElement app, string script, string folder)
    {
        // A script with blanks is a line for the shell, and the arguments do not count.
        if (script.Contains(' ', StringComparison.Ordinal)) return (["bash", "-c", script], null);
        var path = Path.GetFullPath(script, folder);
        if (!File.Exists(path) && !script.Contains('/', StringComparison.Ordinal) && !Interpreters.ContainsKey(Path.GetExtension(script))) path = FindProgram(script) ?? script;
        var interpreter = Text(app, "interpreter") ?? Text(app, "exec_interpreter") ?? Choose(path);
        if (interpreter == "none") return ([path, .. Words(app, "args")], null);
        var options = new[] { "interpreter_args", "node_args", "interpreterArgs", "nodeArgs" }.SelectMany(key => Words(app, key));
        return ([interpreter, .. options, path, .. Words(app, "args")], interpreter);
    }

    // What has no known ending and is no machine code is taken for JavaScript.
    private static string Choose(string path)
    {
        var known = Interpreters.GetValueOrDefault(Path.GetExtension(path));
        if (known == "python" && FindProgram("python") is null) return "python3";
        return known ?? (IsText(path) ? "node" : "none");
    }

    private static bool IsText(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            Span<byte> beginning = stackalloc byte[LookedAt];
            var length = file.ReadAtLeast(beginning, LookedAt, throwOnEndOfStream: false);
            return !beginning[..length].Contains((byte)0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string? FindProgram(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    private static IEnumerable<string> Words(JsonElement app, string key)
    {
        if (!app.TryGetProperty(key, out var value)) return [];
        return value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(AsText).ToList() : Word().Matches(AsText(value)).Select(match => Unquote(match.Value)).Where(word => word.Trim().Length > 0);
    }

    private static string? Text(JsonElement app, string key) => app.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string AsText(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static string Unquote(string word) => word.Length > 1 && word[0] == word[^1] && word[0] is ('"' or '\'') ? word[1..^1] : word;

    [GeneratedRegex("""[^\s"'=]+="[^"]*"|[^\s"'=]+='[^']*'|"([^"]*)"|'([^']*)'|\S+""")]
    private static partial Regex Word();
}
