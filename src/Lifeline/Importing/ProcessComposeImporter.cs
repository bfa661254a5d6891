using System.Globalization;
using System.Text.RegularExpressions;
using Lifeline.Linux;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Lifeline.Importing;

/// <summary>Reads process-compose.yaml. Keys: https://f1bonacc1.github.io/process-compose/configuration/.</summary>
internal sealed partial class ProcessComposeImporter
{
    // Where the logs go and how they look, or what is translated elsewhere.
    private static readonly string[] Silent = ["command", "entrypoint", "environment", "depends_on", "availability", "readiness_probe", "liveness_probe", "shutdown", "description", "log_location", "log_configuration", "namespace", "replicas"];

    private readonly ImportResult result = new("process-compose");
    private readonly Dictionary<string, ImportedService> services = new(StringComparer.Ordinal);

    /// <exception cref="ImportException">The file is no YAML, or describes no processes.</exception>
    public static ImportResult Read(ImportSource source)
    {
        try
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(source.Text));
            foreach (var document in yaml.Documents) TakeOver(document.RootNode, new HashSet<YamlNode>(ReferenceEqualityComparer.Instance));
            if (yaml.Documents.FirstOrDefault()?.RootNode is not YamlMappingNode root || Map(root, "processes") is not { } processes)
                throw new ImportException($"{source.Path} has no processes");
            return new ProcessComposeImporter().ReadAll(source, root, processes);
        }
        catch (YamlException e)
        {
            throw new ImportException($"{source.Path}:{e.Start.Line}: no YAML: {e.Message}", null, e);
        }
    }

    // "<<" takes over the keys of another table, or of several; what stands beside it counts more. Anchors are the same node: each is looked at once.
    private static void TakeOver(YamlNode node, HashSet<YamlNode> seen)
    {
        if (!seen.Add(node)) return;
        if (node is YamlSequenceNode list)
            foreach (var item in list) TakeOver(item, seen);
        if (node is not YamlMappingNode map) return;
        foreach (var (_, value) in map.Children.ToList()) TakeOver(value, seen);
        if (Node(map, "<<") is not { } merged) return;
        map.Children.Remove(new YamlScalarNode("<<"));
        foreach (var other in (merged is YamlSequenceNode several ? several.Children : [merged]).OfType<YamlMappingNode>())
            foreach (var (key, value) in other.Children) map.Children.TryAdd(key, value);
    }

    private ImportResult ReadAll(ImportSource source, YamlMappingNode root, YamlMappingNode processes)
    {
        var shell = Map(root, "shell");
        var common = Variables(Node(root, "environment"));
        foreach (var (key, _) in Entries(root))
            if (key is not ("processes" or "environment" or "version" or "shell" or "log_level" or "log_location" or "log_length" or "log_configuration") && !key.StartsWith("x-", StringComparison.Ordinal)) result.Notes.Add($"{key}: no equal");
        foreach (var (name, _) in Entries(processes)) services[name] = result.Add(name, $"{source.Name}: {name}");
        foreach (var (name, node) in Entries(processes))
        {
            if (node is not YamlMappingNode process) throw new ImportException($"{source.Path}: the process {name} is no table");
            foreach (var (key, value) in common) services[name].Environment[key] = Expand(value);
            ReadProcess(source, services[name], process, shell);
        }
        return result;
    }

    private void ReadProcess(ImportSource source, ImportedService service, YamlMappingNode process, YamlMappingNode? shell)
    {
        SetCommand(source, service, process, shell);
        foreach (var (key, value) in Variables(Node(process, "environment"))) service.Environment[key] = Expand(value);
        if (Text(process, "replicas") is { } replicas && replicas != "1") service.Set("instances", replicas);
        // process-compose starts again only what it is told to.
        service.Set("restart", TomlText.Of("never"));
        if (Map(process, "availability") is { } availability) SetAvailability(service, availability);
        if (Map(process, "depends_on") is { } dependencies) SetDependencies(service, dependencies);
        if (Map(process, "shutdown") is { } shutdown) SetShutdown(service, shutdown);
        SetProbe(service, Map(process, "readiness_probe"), "ready_probe");
        SetProbe(service, Map(process, "liveness_probe"), "probe");
        if (service.Has("ready_probe.interval")) service.Set("ready", TomlText.Of("probe"));
        foreach (var (key, node) in Entries(process)) Translate(source, service, key, node);
    }

    private static void SetCommand(ImportSource source, ImportedService service, YamlMappingNode process, YamlMappingNode? shell)
    {
        if (Node(process, "entrypoint") is YamlSequenceNode entrypoint)
        {
            service.Set("command", TomlText.Of(entrypoint.Select(AsText)));
            return;
        }
        var command = Expand(Text(process, "command") ?? throw new ImportException($"{source.Path}: the process {service.Name} has no command"));
        if (shell is not null && Text(shell, "shell_command") is { } program) service.Set("command", TomlText.Of([program, Text(shell, "shell_argument") ?? "-c", command]));
        else service.Set("command", TomlText.Of(["bash", "-c", command]));
    }

    private void SetAvailability(ImportedService service, YamlMappingNode availability)
    {
        foreach (var (key, node) in Entries(availability))
        {
            var value = AsText(node);
            switch (key)
            {
                case "restart":
                    service.Set("restart", TomlText.Of(value switch { "always" => "always", "on_failure" => "on-failure", _ => "never" }));
                    if (value == "exit_on_failure") EndWith(service);
                    break;
                case "backoff_seconds": service.Set("backoff", $"{{ initial = {TomlText.Of(TimeSpan.FromSeconds(Number(value)))}, factor = 1.0 }}"); break;
                case "max_restarts" when value != "0": service.Set("max_restarts", value); break;
                case "exit_on_end" when value == "true": EndWith(service); break;
                default:
                    if (key is not ("max_restarts" or "exit_on_end" or "exit_on_skipped")) service.Note($"availability.{key} = {value}", "no equal");
                    break;
            }
        }
    }

    private void EndWith(ImportedService service)
    {
        if (result.Monitor.Count == 0) result.Monitor.Add(new("exit_with", TomlText.Of(service.Name)));
        else service.Note("exit_on_end", "only one service can be exit_with");
    }

    private void SetDependencies(ImportedService service, YamlMappingNode dependencies)
    {
        foreach (var (name, node) in Entries(dependencies))
        {
            if (!services.TryGetValue(name, out var other))
            {
                service.Note($"depends_on {name}", "there is no such process");
                continue;
            }
            service.DependsOn.Add(other.Name);
            var condition = node is YamlMappingNode map ? Text(map, "condition") ?? "process_started" : "process_started";
            if (condition is "process_completed" or "process_completed_successfully") service.Note($"depends_on {name}: {condition}", $"{other.Name} counts as ready once it has ended with success, if its restart is \"never\"");
            else if (condition is "process_log_ready") service.Note($"depends_on {name}: {condition}", "a line of output makes nothing ready; use ready = \"status\" or a ready_probe");
        }
    }

    private static void SetShutdown(ImportedService service, YamlMappingNode shutdown)
    {
        foreach (var (key, node) in Entries(shutdown))
        {
            var value = AsText(node);
            if (key == "signal" && Signals.TryParse(value) is not null) service.Set("stop.signal", TomlText.Of(value));
            else if (key == "timeout_seconds") service.Set("stop.timeout", TomlText.Of(TimeSpan.FromSeconds(Number(value))));
            else if (key != "parent_only") service.Note($"shutdown.{key} = {value}", key == "command" ? "a service is stopped by a signal; after_stop runs a command afterwards" : "no equal");
        }
    }

    private static void SetProbe(ImportedService service, YamlMappingNode? probe, string key)
    {
        if (probe is null) return;
        if (Map(probe, "http_get") is { } http)
        {
            var port = Text(http, "port") is { Length: > 0 } number ? $":{number}" : "";
            service.Set($"{key}.http", TomlText.Of($"{Text(http, "scheme") ?? "http"}://{Text(http, "host") ?? "127.0.0.1"}{port}{Text(http, "path") ?? "/"}"));
        }
        else if (Map(probe, "exec") is { } exec && Text(exec, "command") is { } command)
        {
            service.Set($"{key}.exec", TomlText.Of(["bash", "-c", command]));
        }
        else
        {
            service.Note(key, "asks neither by http_get nor by exec");
            return;
        }
        service.Set($"{key}.interval", TomlText.Of(TimeSpan.FromSeconds(Number(Text(probe, "period_seconds") ?? "10"))));
        service.Set($"{key}.timeout", TomlText.Of(TimeSpan.FromSeconds(Number(Text(probe, "timeout_seconds") ?? "1"))));
        if (Text(probe, "failure_threshold") is { } failures) service.Set($"{key}.failures", failures);
        if (Text(probe, "success_threshold") is { } successes) service.Set($"{key}.successes", successes);
        if (Text(probe, "initial_delay_seconds") is { } delay && delay != "0") service.Note($"{key}: initial_delay_seconds = {delay}", "readiness is asked at once and again until ready_timeout; liveness counts only once it is ready");
    }

    private static void Translate(ImportSource source, ImportedService service, string key, YamlNode node)
    {
        var value = AsText(node);
        switch (key)
        {
            case "working_dir": service.Set("cwd", TomlText.Of(source.Resolve(value))); break;
            case "disabled": service.Set("autostart", TomlText.Of(value != "true")); break;
            case "env_file" or "dotenv": service.Set("env_file", TomlText.Of(source.Resolve(value))); break;
            case "is_daemon": if (value == "true") service.Note("is_daemon", "Lifeline runs programs in the foreground: take the option that makes it daemonise out of the command"); break;
            case "ready_log_line": service.Note($"ready_log_line = {value}", "a line of output makes nothing ready; use ready = \"status\" or a ready_probe"); break;
            default:
                if (!Silent.Contains(key)) service.Note($"{key} = {value}", "no equal");
                break;
        }
    }

    // It replaces variables itself, from its own environment, before any shell sees them; "$$" is a dollar.
    private static string Expand(string text) => Reference().Replace(text, match => match.Value == "$$" ? "$" : TomlText.Variable(match.Groups[1].Value + match.Groups[2].Value + ":-"));

    private static IEnumerable<KeyValuePair<string, string>> Variables(YamlNode? node) => node switch
    {
        YamlSequenceNode list => list.Select(AsText).Where(line => line.IndexOf('=', StringComparison.Ordinal) > 0)
            .Select(line => new KeyValuePair<string, string>(line[..line.IndexOf('=', StringComparison.Ordinal)], line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim('\'', '"'))),
        YamlMappingNode map => Entries(map).Select(entry => new KeyValuePair<string, string>(entry.Key, AsText(entry.Node))),
        _ => [],
    };

    private static IEnumerable<(string Key, YamlNode Node)> Entries(YamlMappingNode map) => map.Children.Select(child => (AsText(child.Key), child.Value));

    private static YamlNode? Node(YamlMappingNode map, string key) => map.Children.FirstOrDefault(child => AsText(child.Key) == key).Value;

    private static YamlMappingNode? Map(YamlMappingNode map, string key) => Node(map, key) as YamlMappingNode;

    private static string? Text(YamlMappingNode map, string key) => (Node(map, key) as YamlScalarNode)?.Value;

    private static string AsText(YamlNode node) => (node as YamlScalarNode)?.Value ?? "…";

    private static double Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : 0;

    [GeneratedRegex(@"\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$([A-Za-z_][A-Za-z0-9_]*)")]
    private static partial Regex Reference();
}
