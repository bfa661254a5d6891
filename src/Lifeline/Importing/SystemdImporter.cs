using Lifeline.Configuration;
using Lifeline.Linux;

namespace Lifeline.Importing;

/// <summary>Reads .service files with what the folders .service.d beside them add, and .socket files. Keys: systemd.service(5), systemd.exec(5), systemd.unit(5).</summary>
internal sealed class SystemdImporter
{
    private static readonly string[] Dependencies = ["Requires", "Wants", "BindsTo", "Requisite", "PartOf"];

    // What describes, or what holds here without being said.
    private static readonly string[] Silent =
        ["Description", "Documentation", "After", "Before", "StandardOutput", "StandardError", "SyslogIdentifier", "SendSIGKILL", "Type", "NotifyAccess", "RestartSec",
         "StartLimitIntervalSec", "StartLimitInterval", "StartLimitBurst", "ExecStart", "ExecStartPre", "ExecStopPost", "Environment", "EnvironmentFile", "GuessMainPID", "PIDFile"];

    private readonly ImportResult result = new("systemd");
    private readonly Dictionary<string, ImportedService> units = new(StringComparer.Ordinal);

    /// <exception cref="ImportException">A file is no unit.</exception>
    public static ImportResult Read(IReadOnlyList<ImportSource> sources)
    {
        var importer = new SystemdImporter();
        importer.result.Notes.Add("Defaults differ: systemd waits 90 s for a start and a stop (ready_timeout, stop.timeout), and does not restart unless told to.");
        var parsed = sources.Where(source => source.Name.EndsWith(".service", StringComparison.Ordinal)).Select(source => (Source: source, DropIns: DropIns(source))).ToList();
        foreach (var (source, dropIns) in parsed)
            importer.units[source.Name] = importer.result.Add(UnitName(source), string.Join(", ", dropIns.Select(dropIn => $"{source.Name}.d/{dropIn.Name}").Prepend(source.Name)));
        foreach (var (source, dropIns) in parsed) importer.ReadService(source, [.. IniFile.ReadSystemd(source), .. dropIns.SelectMany(IniFile.ReadSystemd)]);
        foreach (var source in sources.Where(source => source.Name.EndsWith(".socket", StringComparison.Ordinal))) importer.ReadSocket(source);
        return importer.result;
    }

    // What "systemctl edit" writes: it stands as if it were written at the end of the unit.
    private static List<ImportSource> DropIns(ImportSource source) =>
        Directory.Exists(source.Path + ".d") ? [.. Directory.GetFiles(source.Path + ".d", "*.conf").Order(StringComparer.Ordinal).Select(ImportSource.Read)] : [];

    private static string UnitName(ImportSource source) => Path.GetFileNameWithoutExtension(source.Name).TrimEnd('@').Replace('@', '-');

    private void ReadService(ImportSource source, List<IniSection> sections)
    {
        var service = units[source.Name];
        var specifiers = new SystemdSpecifiers(source.Name);
        var main = sections.Where(section => section.Name == "Service").SelectMany(section => section.Entries)
            .Select(entry => entry with { Value = specifiers.Expand(entry.Value, service) }).ToList();
        if (main.Count == 0) throw new ImportException($"{source.Path} has no [Service]");
        if (specifiers.IsTemplate)
            service.Note(source.Name, $"a template, of which systemd starts no instance by itself: %i stands for nothing here. Import what it is started as, a copy or link named {source.Name.Replace("@.", "@INSTANCE.", StringComparison.Ordinal)}");
        SetCommands(service, main, source);
        SetEnvironment(service, main);
        SetType(service, main);
        service.Set("cwd", TomlText.Of("/"));
        foreach (var entry in main) SystemdKeys.Translate(service, entry);
        SetRestart(service, main.Concat(sections.Where(section => section.Name == "Unit").SelectMany(section => section.Entries)).ToList());
        foreach (var section in sections.Where(section => section.Name is "Unit"))
            foreach (var entry in section.Entries) ReadUnitKey(service, entry);
        foreach (var entry in main.Where(entry => !SystemdKeys.Knows(entry.Key) && !Silent.Contains(entry.Key)))
            service.Note($"{entry.Key}={entry.Value}", "no equal");
    }

    private void ReadUnitKey(ImportedService service, IniEntry entry)
    {
        if (Dependencies.Contains(entry.Key))
        {
            foreach (var unit in entry.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            {
                if (!units.TryGetValue(unit, out var other)) service.Note($"{entry.Key}={unit}", "not among the imported units");
                else if (!service.DependsOn.Contains(other.Name)) service.DependsOn.Add(other.Name);
            }
        }
        else if (entry.Key.StartsWith("Condition", StringComparison.Ordinal) || entry.Key.StartsWith("Assert", StringComparison.Ordinal) || entry.Key is "OnFailure" or "Conflicts")
        {
            service.Note($"{entry.Key}={entry.Value}", entry.Key == "OnFailure" ? "see [alerts], which can run a command" : "no equal");
        }
        else if (entry.Key == "After")
        {
            // Ordering alone starts nothing there; here a dependency does, so only what is imported too is meant.
            foreach (var unit in entry.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                if (units.TryGetValue(unit, out var other) && other != service && !service.DependsOn.Contains(other.Name)) service.DependsOn.Add(other.Name);
        }
    }

    private static void SetCommands(ImportedService service, List<IniEntry> main, ImportSource source)
    {
        var starts = List(main, "ExecStart");
        if (starts.Count == 0) throw new ImportException($"{source.Path} has no ExecStart");
        service.Set("command", SystemdCommand.Value(starts, service));
        if (List(main, "ExecStartPre") is { Count: > 0 } before) service.Set("before_start", SystemdCommand.Value(before, service));
        if (List(main, "ExecStopPost") is { Count: > 0 } after) service.Set("after_stop", SystemdCommand.Value(after, service));
    }

    private static void SetEnvironment(ImportedService service, List<IniEntry> main)
    {
        foreach (var line in List(main, "Environment"))
            foreach (var word in SystemdWords.Split(line))
                if (word.IndexOf('=', StringComparison.Ordinal) is var at and > 0) service.Environment[word[..at]] = word[(at + 1)..];
        foreach (var file in List(main, "EnvironmentFile"))
        {
            var path = file.TrimStart('-');
            if (file.StartsWith('-') && !File.Exists(path)) service.Note($"EnvironmentFile={file}", "does not exist now");
            else if (service.Has("env_file")) service.Note($"EnvironmentFile={file}", "only one env_file is possible");
            else
            {
                service.Set("env_file", TomlText.Of(path));
                LetFileWin(service, path, file);
            }
        }
    }

    // There the file counts more than Environment=; here env counts more than env_file.
    private static void LetFileWin(ImportedService service, string path, string mention)
    {
        if (!File.Exists(path)) return;
        var names = ImportSource.Read(path).Lines.Select(line => line.Split('=')[0].Trim());
        foreach (var name in names.Where(service.Environment.Remove).ToList())
            service.Note($"Environment={name}", $"left out, as it stands in the EnvironmentFile {mention} too, which counts more");
    }

    private static void SetType(ImportedService service, List<IniEntry> main)
    {
        var type = main.LastOrDefault(entry => entry.Key == "Type")?.Value ?? "simple";
        if (type is "notify" or "notify-reload")
        {
            service.Set("ready", TomlText.Of("status"));
            // systemd's socket is open to everybody, and a server may count on that when it becomes another user by itself.
            if (!main.Exists(entry => entry.Key is "User" or "DynamicUser")) service.Set("notify_socket", TomlText.Of("open"));
        }
        else if (type == "oneshot") service.Set("restart", TomlText.Of("never"));
        else if (type == "forking") service.Note("Type=forking", "Lifeline runs programs in the foreground: take the option that makes it daemonise out of the command");
        else if (type == "dbus") service.Note("Type=dbus", "ready when executed; a ready_probe can ask the bus");
        if (type == "oneshot" && main.LastOrDefault(entry => entry.Key == "RemainAfterExit")?.Value is { } remain && SystemdKeys.IsTrue(remain))
            service.Note($"RemainAfterExit={remain}", "a service that ended with success shows as exited, and counts for those that depend on it");
    }

    private static void SetRestart(ImportedService service, List<IniEntry> entries)
    {
        string? Last(params string[] keys) => entries.LastOrDefault(entry => keys.Contains(entry.Key))?.Value;
        var restart = Last("Restart") ?? "no";
        service.Set("restart", TomlText.Of(restart switch { "always" => "always", "no" or "on-success" => "never", _ => "on-failure" }));
        if (restart is "on-abnormal" or "on-abort" or "on-watchdog" or "on-success") service.Note($"Restart={restart}", "there is only always, on-failure and never");
        if (Last("RestartSec") is { } delay && SystemdKeys.TryReadSpan(delay) is { } span)
        {
            service.Set("backoff.initial", TomlText.Of(span));
            if (span > TimeSpan.FromSeconds(30)) service.Set("backoff.max", TomlText.Of(span));
        }
        if (Last("StartLimitBurst") is { } burst && int.TryParse(burst, out var count)) service.Set("max_restarts", TomlText.Of(count));
        if (Last("StartLimitIntervalSec", "StartLimitInterval") is { } interval && SystemdKeys.TryReadSpan(interval) is { } window)
        {
            if (window > TimeSpan.Zero) service.Set("restart_window", TomlText.Of(window));
            else service.Set("max_restarts", TomlText.Of(1_000_000));
        }
    }

    private void ReadSocket(ImportSource source)
    {
        var entries = IniFile.ReadSystemd(source).Where(section => section.Name == "Socket").SelectMany(section => section.Entries).ToList();
        var wanted = entries.LastOrDefault(entry => entry.Key == "Service")?.Value ?? Path.ChangeExtension(source.Name, ".service");
        if (!units.TryGetValue(wanted, out var service))
        {
            result.Notes.Add($"{source.Name}: {wanted} is not among the imported units");
            return;
        }
        var name = entries.LastOrDefault(entry => entry.Key == "FileDescriptorName")?.Value ?? Path.GetFileNameWithoutExtension(source.Name);
        var number = 0;
        foreach (var entry in entries)
        {
            if (entry.Key is "ListenStream" or "ListenDatagram" && AddressOf(entry) is { } address)
                service.Set($"listen.{name}{(number++ == 0 ? "" : $"-{number}")}", address);
            else if (entry.Key is not ("Service" or "FileDescriptorName" or "Accept" or "ListenStream" or "ListenDatagram") || SystemdKeys.IsTrue(entry.Value) && entry.Key == "Accept")
                service.Note($"{source.Name}: {entry.Key}={entry.Value}", "no equal");
        }
        service.Note(source.Name, "the service is started with Lifeline, not by the first connection");
    }

    private static string? AddressOf(IniEntry entry)
    {
        var kind = entry.Key == "ListenDatagram" ? "udp" : "tcp";
        if (entry.Value.StartsWith('/')) return kind == "tcp" ? $"{{ unix = {TomlText.Of(entry.Value)} }}" : null;
        var address = int.TryParse(entry.Value, out _) ? $"[::]:{entry.Value}" : entry.Value;
        return $"{{ {kind} = {TomlText.Of(address)} }}";
    }

    // An empty assignment forgets what came before.
    private static List<string> List(List<IniEntry> entries, string key)
    {
        var values = new List<string>();
        foreach (var entry in entries.Where(entry => entry.Key == key))
        {
            if (entry.Value.Length == 0) values.Clear();
            else values.Add(entry.Value);
        }
        return values;
    }
}
