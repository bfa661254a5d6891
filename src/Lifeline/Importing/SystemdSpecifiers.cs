using System.Text;

namespace Lifeline.Importing;

/// <summary>The specifiers of a unit file: systemd.unit(5), "Specifiers".</summary>
internal sealed class SystemdSpecifiers(string unit)
{
    private readonly string prefix = unit.Split('@')[0].Replace(".service", "", StringComparison.Ordinal);
    private readonly string instance = unit.Contains('@', StringComparison.Ordinal) ? unit[(unit.IndexOf('@', StringComparison.Ordinal) + 1)..].Replace(".service", "", StringComparison.Ordinal) : "";

    /// <summary>"tick@.service": there is no instance whose name could be put in.</summary>
    public bool IsTemplate => instance.Length == 0 && unit.Contains('@', StringComparison.Ordinal);

    public string Expand(string text, ImportedService service)
    {
        if (!text.Contains('%', StringComparison.Ordinal)) return text;
        var expanded = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%' || i + 1 == text.Length)
            {
                expanded.Append(text[i]);
                continue;
            }
            var letter = text[++i];
            if (Value(letter) is { } value)
            {
                expanded.Append(value);
                continue;
            }
            expanded.Append('%').Append(letter);
            service.Note($"%{letter} in \"{text}\"", "no equal; write what it stands for");
        }
        return expanded.ToString();
    }

    private string? Value(char letter) => letter switch
    {
        '%' => "%",
        'n' => unit,
        'N' => unit.Replace(".service", "", StringComparison.Ordinal),
        'p' or 'P' => prefix,
        'i' or 'I' => instance,
        't' => "/run",
        'S' => "/var/lib",
        'C' => "/var/cache",
        'L' => "/var/log",
        'E' => "/etc",
        'T' => "/tmp",
        'V' => "/var/tmp",
        'H' or 'l' => Environment.MachineName,
        'h' => "/root",
        'u' => "root",
        'U' => "0",
        _ => null,
    };
}
