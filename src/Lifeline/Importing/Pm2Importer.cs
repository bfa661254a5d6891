using System.Globalization;
using System.Text.Json;
using Lifeline.Linux;

namespace Lifeline.Importing;

/// <summary>Reads pm2's ecosystem file in JSON. Keys: https://pm2.keymetrics.io/docs/usage/application-declaration/.</summary>
internal sealed class Pm2Importer
{
    // Where the logs go and how they look, or what is translated elsewhere.
    private static readonly string[] Silent =
        ["name", "script", "exec", "args", "interpreter", "exec_interpreter", "interpreter_args", "node_args", "interpreterArgs", "nodeArgs", "cwd", "env", "instances", "exec_mode", "out_file", "output", "out", "error_file", "error", "err", "err_file", "log_file", "log",
         "merge_logs", "combine_logs", "log_date_format", "time", "pid_file", "pid", "autorestart", "listen_timeout", "treekill", "namespace", "min_uptime", "disable_logs", "log_type", "instance_var", "restart_delay", "exp_backoff_restart_delay"];

    private readonly ImportResult result = new("pm2");

    /// <exception cref="ImportException">The file is no JSON, or describes no apps.</exception>
    public static ImportResult Read(ImportSource source)
    {
        try
        {
            using var document = JsonDocument.Parse(source.Text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return new Pm2Importer().ReadApps(source, document.RootElement);
        }
        catch (JsonException e)
        {
            throw new ImportException($"{source.Path} is no JSON: {e.Message}", "of an ecosystem.config.js make one: node -p 'JSON.stringify(require(\"./ecosystem.config.js\"))' > ecosystem.config.json", e);
        }
    }

    private ImportResult ReadApps(ImportSource source, JsonElement root)
    {
        var apps = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("apps", out var inner) ? inner : root;
        if (apps.ValueKind == JsonValueKind.Object) ReadApp(source, apps);
        else if (apps.ValueKind == JsonValueKind.Array)
            foreach (var app in apps.EnumerateArray()) ReadApp(source, app);
        if (result.Services.Count == 0) throw new ImportException($"{source.Path} has no apps");
        result.Notes.Add("pm2 hands its whole environment on to its processes; here only what inherit_env and env name.");
        return result;
    }

    private void ReadApp(ImportSource source, JsonElement app)
    {
        if (app.ValueKind != JsonValueKind.Object || (Text(app, "script") ?? Text(app, "exec")) is not { } script)
            throw new ImportException($"{source.Path}: an app has no script");
        var service = result.Add(Text(app, "name") ?? Path.GetFileNameWithoutExtension(script), $"{source.Name}: {Text(app, "name") ?? script}");
        var folder = Text(app, "cwd") is { } cwd ? source.Resolve(cwd) : source.Folder;
        var (command, interpreter) = Pm2Command.Read(app, script, folder);
        service.Set("command", TomlText.Of(command));
        service.Set("cwd", TomlText.Of(folder));
        if (app.TryGetProperty("env", out var environment) && environment.ValueKind == JsonValueKind.Object)
            foreach (var variable in environment.EnumerateObject()) service.Environment[variable.Name] = AsText(variable.Value);
        if (interpreter?.Contains("python", StringComparison.Ordinal) == true) service.Environment["PYTHONUNBUFFERED"] = "1";
        SetRestart(service, app);
        SetInstances(service, app);
        SetDelays(service, app);
        // pm2 asks with SIGINT and waits 1.6 s.
        service.Set("stop.signal", TomlText.Of("INT"));
        service.Set("stop.timeout", TomlText.Of(TimeSpan.FromMilliseconds(1600)));
        foreach (var key in app.EnumerateObject()) Translate(service, key, source);
    }

    private static void SetRestart(ImportedService service, JsonElement app)
    {
        if (app.TryGetProperty("autorestart", out var again) && again.ValueKind == JsonValueKind.False) service.Set("restart", TomlText.Of("never"));
        if (!app.TryGetProperty("stop_exit_codes", out var codes) || service.Has("restart")) return;
        service.Set("restart", TomlText.Of("on-failure"));
        service.Set("success_exit_codes", TomlText.Of(codes.ValueKind == JsonValueKind.Array ? codes.EnumerateArray().Select(Number).ToList() : [Number(codes)]));
    }

    private static void SetInstances(ImportedService service, JsonElement app)
    {
        if (!app.TryGetProperty("instances", out var value)) return;
        var wanted = AsText(value);
        var count = int.TryParse(wanted, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;
        var cluster = Text(app, "exec_mode") is "cluster" or "cluster_mode";
        if (count <= 0)
        {
            count = Math.Max(1, Environment.ProcessorCount + count);
            service.Note($"instances = {wanted}", $"as many as this machine has processors: {count}");
        }
        if (count > 1)
        {
            service.Set("instances", TomlText.Of(count));
            service.Note(Text(app, "instance_var") ?? "NODE_APP_INSTANCE", "which instance it is stands in LIFELINE_INSTANCE, from 1 (pm2 counts from 0)");
        }
        if (cluster) service.Note("exec_mode = cluster", "instances do not share a port by themselves; give the service a socket (listen), which all of them get");
    }

    private static void Translate(ImportedService service, JsonProperty key, ImportSource source)
    {
        var value = AsText(key.Value);
        switch (key.Name)
        {
            case "max_restarts": service.Set("max_restarts", TomlText.Of(Number(key.Value))); break;
            case "max_memory_restart": service.Set("limits.memory", TomlText.OfSize(Math.Max(1 << 20, ReadSize(value)))); break;
            case "kill_timeout": service.Set("stop.timeout", TomlText.Of(TimeSpan.FromMilliseconds(Number(key.Value)))); break;
            case "uid" or "user": service.Set("user", TomlText.Of(value)); break;
            case "gid": service.Set("unix_group", TomlText.Of(value)); break;
            case "env_file": service.Set("env_file", TomlText.Of(source.Resolve(value))); break;
            case "kill_signal" when Signals.TryParse(value) is not null: service.Set("stop.signal", TomlText.Of(value)); break;
            case "stop_exit_codes": break;
            case "wait_ready": service.Note($"wait_ready = {value}", "pm2's process.send(\"ready\") is its own; READY=1 to NOTIFY_SOCKET or \"lifeline report --ready\" says it here, with ready = \"status\""); break;
            case "watch": if (value is not "false") service.Note($"watch = {value}", "files are not watched"); break;
            default:
                if (!Silent.Contains(key.Name)) service.Note($"{key.Name} = {value}", "no equal");
                break;
        }
    }

    // Of both, pm2 follows the one that grows.
    private static void SetDelays(ImportedService service, JsonElement app)
    {
        if (app.TryGetProperty("exp_backoff_restart_delay", out var growing))
        {
            SetDelay(service, growing, fixedDelay: false);
            if (app.TryGetProperty("restart_delay", out var left)) service.Note($"restart_delay = {AsText(left)}", "exp_backoff_restart_delay counts more, for pm2 too");
        }
        else if (app.TryGetProperty("restart_delay", out var constant))
        {
            SetDelay(service, constant, fixedDelay: true);
        }
    }

    private static void SetDelay(ImportedService service, JsonElement value, bool fixedDelay)
    {
        var delay = TimeSpan.FromMilliseconds(Number(value));
        service.Set("backoff.initial", TomlText.Of(delay));
        if (fixedDelay) service.Set("backoff.factor", "1.0");
        if (delay > TimeSpan.FromSeconds(30)) service.Set("backoff.max", TomlText.Of(delay));
    }

    private static double ReadSize(string text)
    {
        var factor = char.ToUpperInvariant(text.Length > 0 ? text[^1] : '0') switch { 'K' => 1L << 10, 'M' => 1L << 20, 'G' => 1L << 30, _ => 1L };
        return double.TryParse(factor == 1 ? text : text[..^1], NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number * factor : 0;
    }

    private static string? Text(JsonElement app, string key) => app.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string AsText(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static int Number(JsonElement value) => double.TryParse(AsText(value), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? (int)number : 0;
}
