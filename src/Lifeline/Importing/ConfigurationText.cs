using System.Text;

namespace Lifeline.Importing;

/// <summary>Writes what was imported as a lifeline.toml.</summary>
internal static class ConfigurationText
{
    public static string Write(ImportResult result, IEnumerable<string> files)
    {
        var text = new StringBuilder();
        text.Append($"# Made by lifeline import from {string.Join(", ", files)} ({result.Kind}).\n");
        text.Append("# What has no equal stands as a comment at its place. \"lifeline check\" validates this file.\n");
        foreach (var note in result.Notes) AppendComment(text, note);
        if (result.Monitor.Count > 0)
        {
            text.Append("\n[monitor]\n");
            foreach (var (key, value) in result.Monitor) text.Append($"{key} = {value}\n");
        }
        foreach (var service in result.Services) Append(text, service);
        return text.ToString();
    }

    private static void Append(StringBuilder text, ImportedService service)
    {
        text.Append('\n');
        AppendComment(text, service.Source);
        text.Append($"[services.{service.Name}]\n");
        foreach (var (key, value) in service.Keys) text.Append($"{key} = {value}\n");
        if (service.Environment.Count > 0) text.Append($"env = {TomlText.Of(service.Environment)}\n");
        if (service.DependsOn.Count > 0) text.Append($"depends_on = {TomlText.Of(service.DependsOn)}\n");
        foreach (var note in service.Notes) AppendComment(text, note);
    }

    private static void AppendComment(StringBuilder text, string note)
    {
        foreach (var line in note.Split('\n')) text.Append("# ").Append(line.TrimEnd()).Append('\n');
    }
}
