using System.Globalization;
using System.Text.RegularExpressions;
using Lifeline.Configuration;
using Lifeline.Linux;

namespace Lifeline.Importing;

/// <summary>Reads supervisord.conf with what it includes. Keys: http://supervisord.org/configuration.html.</summary>
internal sealed partial class SupervisorImporter
{
    private static readonly Dictionary<string, string> WithoutEqual = new(StringComparer.Ordinal)
    {
        ["startsecs"] = "a service is ready when its program was executed, or when it says so (ready), not after a time",
        ["startretries"] = "see max_restarts, restart_window and backoff",
        ["stdout_logfile"] = "output goes to \"lifeline logs\", with rotation (log)",
        ["stderr_logfile"] = "output goes to \"lifeline logs\", with rotation (log)",
        ["stdout_capture_maxbytes"] = "a service reports events with \"lifeline report\"",
        ["stderr_capture_maxbytes"] = "a service reports events with \"lifeline report\"",
        ["stdout_syslog"] = "output goes to \"lifeline logs\"",
        ["stderr_syslog"] = "output goes to \"lifeline logs\"",
        ["serverurl"] = "a service finds Lifeline by LIFELINE_SOCKET",
    };

    // What holds without being said: whole trees are stopped and killed, both streams are kept.
    private static readonly string[] Silent =
        ["command", "process_name", "numprocs", "numprocs_start", "priority", "redirect_stderr", "stopasgroup", "killasgroup", "environment", "stdout_logfile_maxbytes",
         "stdout_logfile_backups", "stderr_logfile_maxbytes", "stderr_logfile_backups", "stdout_events_enabled", "stderr_events_enabled"];

    private readonly ImportResult result = new("supervisord");
    private readonly List<(int Priority, ImportedService Service)> order = [];
    private readonly Dictionary<string, string> groupOf = new(StringComparer.Ordinal);
    private Dictionary<string, string> common = [];

    /// <exception cref="ImportException">A file is none of supervisord's.</exception>
    public static ImportResult Read(ImportSource source)
    {
        var importer = new SupervisorImporter();
        var sections = Load(source).ToList();
        foreach (var (file, section) in sections) importer.ReadCommon(file, section);
        foreach (var (file, section) in sections) importer.ReadProgram(file, section);
        importer.result.Notes.Add("supervisord hands its whole environment on to its programs; here only what inherit_env and env name.");
        importer.result.Services.Clear();
        importer.result.Services.AddRange(importer.order.OrderBy(entry => entry.Priority).Select(entry => entry.Service));
        return importer.result;
    }

    private static IEnumerable<(ImportSource File, IniSection Section)> Load(ImportSource source)
    {
        foreach (var section in IniFile.ReadPython(source))
        {
            yield return (source, section);
            if (section.Name != "include") continue;
            foreach (var pattern in (section.Find("files") ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                foreach (var file in Included(source, pattern.Replace("%(here)s", source.Folder, StringComparison.Ordinal)))
                    foreach (var inner in IniFile.ReadPython(file)) yield return (file, inner);
        }
    }

    private static IEnumerable<ImportSource> Included(ImportSource source, string pattern)
    {
        var path = source.Resolve(pattern);
        var folder = System.IO.Path.GetDirectoryName(path)!;
        return Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder).Where(file => Glob.IsMatch(System.IO.Path.GetFileName(path), System.IO.Path.GetFileName(file))).Order(StringComparer.Ordinal).Select(ImportSource.Read)
            : [];
    }

    private void ReadCommon(ImportSource source, IniSection section)
    {
        switch (section.Name.Split(':')[0])
        {
            case "program" or "fcgi-program" or "include" or "supervisorctl":
                break;
            case "supervisord":
                if (section.Find("environment") is { } environment) common = ReadEnvironment(Expand(environment, source, "", 0));
                foreach (var key in new[] { "user", "umask", "directory" })
                    if (section.Find(key) is { } value) result.Notes.Add($"[supervisord] {key} = {value}: start lifeline itself so, or give it in [defaults]");
                break;
            case "group":
                foreach (var program in (section.Find("programs") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                    groupOf[program] = section.Name["group:".Length..];
                break;
            case "eventlistener":
                result.Notes.Add($"[{section.Name}]: \"lifeline events -f --json\" gives every event to a program; an [alerts] table runs one for what went wrong");
                break;
            default:
                result.Notes.Add($"[{section.Name}]: no equal; the dashboard and the API are [monitor] http");
                break;
        }
    }

    private void ReadProgram(ImportSource source, IniSection section)
    {
        var colon = section.Name.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || section.Name[..colon] is not ("program" or "fcgi-program")) return;
        var name = section.Name[(colon + 1)..];
        var service = result.Add(name, $"{source.Name}: [{section.Name}]");
        var count = Number(section.Find("numprocs"), 1);
        var command = Expand(section.Find("command") ?? throw new ImportException($"{source.Path}: [{section.Name}] has no command"), source, name, count);
        service.Set("command", TomlText.Of(ShellWords.Split(command)));
        if (count > 1)
        {
            service.Set("instances", TomlText.Of(count));
            if (ProcessNumber().IsMatch(string.Concat(section.Entries.Where(entry => entry.Key != "process_name").Select(entry => entry.Value))))
                service.Note("%(process_num)", $"which instance it is stands in LIFELINE_INSTANCE, from 1 (supervisord counts from {Number(section.Find("numprocs_start"), 0)})");
        }
        if (groupOf.TryGetValue(name, out var group)) service.Set("group", TomlText.Of(group));
        foreach (var (key, value) in common) service.Environment[key] = value;
        foreach (var (key, value) in ReadEnvironment(Expand(section.Find("environment") ?? "", source, name, count))) service.Environment[key] = value;
        foreach (var entry in section.Entries) Translate(service, entry, source, name);
        // supervisord's own defaults, where Lifeline has another.
        if (section.Find("autorestart") is null) service.Set("restart", TomlText.Of("on-failure"));
        SetLog(service, section);
        order.Add((Number(section.Find("priority"), 999), service));
    }

    private static void Translate(ImportedService service, IniEntry entry, ImportSource source, string name)
    {
        var value = Expand(entry.Value, source, name, 1);
        switch (entry.Key)
        {
            case "socket": service.Note($"socket = {value}", "a FastCGI socket on descriptor 0 has no equal; see listen, which hands sockets over from descriptor 3"); break;
            case "directory": service.Set("cwd", TomlText.Of(source.Resolve(value))); break;
            case "umask": service.Set("umask", TomlText.Of(value.PadLeft(3, '0'))); break;
            case "autostart": service.Set("autostart", TomlText.Of(IsTrue(value))); break;
            case "autorestart": service.Set("restart", TomlText.Of(value.Equals("unexpected", StringComparison.OrdinalIgnoreCase) ? "on-failure" : IsTrue(value) ? "always" : "never")); break;
            case "exitcodes": service.Set("success_exit_codes", TomlText.Of(value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(code => Number(code, 0)))); break;
            case "stopsignal": SetSignal(service, value); break;
            case "stopwaitsecs": service.Set("stop.timeout", TomlText.Of(TimeSpan.FromSeconds(Number(value, 10)))); break;
            case "user": service.Set("user", TomlText.Of(value)); break;
            default:
                if (WithoutEqual.TryGetValue(entry.Key, out var why)) service.Note($"{entry.Key} = {entry.Value}", why);
                else if (!Silent.Contains(entry.Key)) service.Note($"{entry.Key} = {entry.Value}", "no equal");
                break;
        }
    }

    private static void SetSignal(ImportedService service, string value)
    {
        if (Signals.TryParse(value) is null) service.Note($"stopsignal = {value}", "not a signal");
        else service.Set("stop.signal", TomlText.Of(value));
    }

    private static void SetLog(ImportedService service, IniSection section)
    {
        if (section.Find("stdout_logfile_maxbytes") is { } size && ReadSize(size) is > 0 and var bytes) service.Set("log.max_size", TomlText.OfSize(Math.Max(bytes, 1024)));
        if (section.Find("stdout_logfile_backups") is { } backups) service.Set("log.max_files", TomlText.Of(Math.Clamp(Number(backups, 10) + 1, 1, 1000)));
    }

    private static double ReadSize(string text)
    {
        foreach (var (unit, factor) in new[] { ("KB", 1L << 10), ("MB", 1L << 20), ("GB", 1L << 30) })
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)) return Number(text[..^2], 0) * (double)factor;
        return Number(text, 0);
    }

    // %(ENV_X)s is the environment of supervisord itself.
    private static string Expand(string value, ImportSource source, string program, int count) => Expression().Replace(value, match => match.Groups[1].Value switch
    {
        "here" => source.Folder,
        "program_name" or "group_name" => program,
        "host_node_name" => Environment.MachineName,
        "process_num" => count > 1 ? "%(process_num)" : "0",
        "numprocs" => Math.Max(1, count).ToString(CultureInfo.InvariantCulture),
        var name when name.StartsWith("ENV_", StringComparison.Ordinal) => TomlText.Variable(name["ENV_".Length..]),
        _ => match.Value,
    }).Replace("%%", "%", StringComparison.Ordinal);

    // A="b",C=d with commas inside quotes.
    private static Dictionary<string, string> ReadEnvironment(string text)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Match match in Assignment().Matches(text))
            variables[match.Groups[1].Value] = match.Groups[2].Success ? match.Groups[2].Value : match.Groups[3].Success ? match.Groups[3].Value : match.Groups[4].Value.Trim();
        return variables;
    }

    private static bool IsTrue(string text) => text.ToLowerInvariant() is "true" or "yes" or "on" or "1" or "t" or "y";

    private static int Number(string? text, int otherwise) => int.TryParse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    [GeneratedRegex(@"%\((\w+)\)0?\d*[sd]")]
    private static partial Regex Expression();

    [GeneratedRegex(@"%\(process_num\)")]
    private static partial Regex ProcessNumber();

    [GeneratedRegex("""([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^,\s][^,]*)?)\s*(?:,|$)""")]
    private static partial Regex Assignment();
}
