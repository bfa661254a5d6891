using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Lifeline.Configuration;

/// <summary>
/// Turns the text of a file into tables that know where everything stands. The syntax tree is used, not the library's
/// binder, because the binder passes over names it does not know.
/// </summary>
internal sealed class TomlReader
{
    private readonly string file;
    private readonly ErrorList errors;
    private readonly ConfigTable root;
    private bool failed;

    private TomlReader(string file, ErrorList errors)
    {
        this.file = file;
        this.errors = errors;
        root = new ConfigTable(new SourceLocation(file, 1, 1, 0), TableOrigin.Header);
    }

    /// <summary>Null when the text is not TOML; the reasons are in <paramref name="errors"/> then.</summary>
    public static ConfigTable? Read(string file, string text, ErrorList errors)
    {
        var reader = new TomlReader(file, errors);
        var document = SyntaxParser.Parse(text, file, validate: false);
        if (document.HasErrors)
        {
            reader.ReportSyntax(document.Diagnostics);
            return null;
        }
        reader.AddEntries(document.KeyValues, reader.root);
        foreach (var table in document.Tables) reader.AddTable(table);
        if (!reader.failed) reader.CheckRest(text);
        return reader.failed ? null : reader.root;
    }

    // One mistake makes the parser complain several times on its line, and a string left open about everything after it.
    private void ReportSyntax(DiagnosticsBag diagnostics)
    {
        var lastLine = -1;
        foreach (var diagnostic in diagnostics)
        {
            if (diagnostic.Kind != DiagnosticMessageKind.Error || diagnostic.Span.Start.Line == lastLine) continue;
            lastLine = diagnostic.Span.Start.Line;
            var unclosed = diagnostic.Message.StartsWith("Invalid newline in a string", StringComparison.Ordinal);
            errors.Add(Locate(diagnostic.Span), unclosed ? "the string is not closed on this line" : Clean(diagnostic.Message));
            failed = true;
            if (unclosed) return;
        }
    }

    // The library's own check is asked too: it knows rules of the format that the reading above does not need.
    private void CheckRest(string text)
    {
        foreach (var diagnostic in SyntaxParser.Parse(text, file, validate: true).Diagnostics)
        {
            if (diagnostic.Kind != DiagnosticMessageKind.Error) continue;
            errors.Add(Locate(diagnostic.Span), Clean(diagnostic.Message));
            failed = true;
        }
    }

    private static string Clean(string message)
    {
        if (message.Length == 0) return "this is not TOML";
        // The parser's own names of what it found: (token: `eof`).
        for (int from; (from = message.IndexOf(" (token: ", StringComparison.Ordinal)) >= 0 && message.IndexOf(')', from) is var to and >= 0;)
            message = message.Remove(from, to - from + 1);
        return (char.ToLowerInvariant(message[0]) + message[1..])
            .Replace("`<eof>`", "the end of the file", StringComparison.Ordinal)
            .Replace("␤", "the end of the line", StringComparison.Ordinal)
            .Replace('`', '"');
    }

    private void AddTable(TableSyntaxBase syntax)
    {
        var parts = Parts(syntax.Name!);
        var owner = Walk(root, parts[..^1], TableOrigin.Implied);
        if (owner is null) return;
        var (name, location) = parts[^1];
        var existing = owner.Find(name);
        if (syntax is TableArraySyntax) AddTableArray(syntax, owner, name, location, existing);
        else if (existing is null) AddEntries(syntax.Items, AddNew(owner, name, location, TableOrigin.Header));
        else if (existing.Value is ConfigTable { Origin: TableOrigin.Implied } implied)
        {
            implied.Origin = TableOrigin.Header;
            AddEntries(syntax.Items, implied);
        }
        else Duplicate($"the table [{string.Join('.', parts.Select(part => part.Name))}]", location, existing);
    }

    private void AddTableArray(TableSyntaxBase syntax, ConfigTable owner, string name, SourceLocation location, ConfigEntry? existing)
    {
        if (existing is null)
        {
            existing = new ConfigEntry(name, location, new ConfigArray(location, isTableArray: true));
            owner.Add(existing);
        }
        if (existing.Value is not ConfigArray { IsTableArray: true } array)
        {
            Duplicate($"\"{name}\"", location, existing);
            return;
        }
        var item = new ConfigTable(location, TableOrigin.Header);
        array.Items.Add(item);
        AddEntries(syntax.Items, item);
    }

    private void AddEntries(IEnumerable<KeyValueSyntax> entries, ConfigTable table)
    {
        foreach (var syntax in entries)
        {
            var parts = Parts(syntax.Key!);
            if (Walk(table, parts[..^1], TableOrigin.Dotted) is not { } owner) continue;
            var (name, location) = parts[^1];
            if (owner.Find(name) is { } existing) Duplicate($"\"{name}\"", location, existing);
            else owner.Add(new ConfigEntry(name, location, Convert(syntax.Value!)));
        }
    }

    private ConfigTable? Walk(ConfigTable table, ReadOnlySpan<(string Name, SourceLocation Location)> parts, TableOrigin origin)
    {
        foreach (var (name, location) in parts)
        {
            var next = table.Find(name)?.Value switch
            {
                null => AddNew(table, name, location, origin),
                ConfigTable { Origin: not TableOrigin.Inline } found => found,
                ConfigArray { IsTableArray: true } array => (ConfigTable)array.Items[^1],
                _ => null,
            };
            if (next is null)
            {
                Duplicate($"\"{name}\"", location, table.Find(name)!);
                return null;
            }
            table = next;
        }
        return table;
    }

    private static ConfigTable AddNew(ConfigTable owner, string name, SourceLocation location, TableOrigin origin)
    {
        var table = new ConfigTable(location, origin);
        owner.Add(new ConfigEntry(name, location, table));
        return table;
    }

    private void Duplicate(string what, SourceLocation location, ConfigEntry first)
    {
        failed = true;
        errors.Add(location, $"{what} is given twice", $"the first is at line {first.KeyLocation.Line}");
    }

    private ConfigValue Convert(ValueSyntax syntax)
    {
        var location = Locate(syntax.Span);
        switch (syntax)
        {
            case StringValueSyntax text: return new ConfigString(location, text.Value ?? "");
            case IntegerValueSyntax integer: return new ConfigInteger(location, integer.Value);
            case FloatValueSyntax number: return new ConfigFloat(location, number.Value);
            case BooleanValueSyntax boolean: return new ConfigBoolean(location, boolean.Value);
            case ArraySyntax items:
                var array = new ConfigArray(location);
                foreach (var item in items.Items) array.Items.Add(Convert(item.Value!));
                return array;
            case InlineTableSyntax inline:
                var table = new ConfigTable(location, TableOrigin.Inline);
                AddEntries(inline.Items.Select(item => item.KeyValue!), table);
                return table;
            default: return new ConfigDate(location);
        }
    }

    private (string Name, SourceLocation Location)[] Parts(KeySyntax key)
    {
        var parts = new List<(string, SourceLocation)> { Part(key.Key!) };
        foreach (var dotted in key.DotKeys) parts.Add(Part(dotted.Key!));
        return [.. parts];
    }

    private (string, SourceLocation) Part(BareKeyOrStringValueSyntax key) => (key switch
    {
        BareKeySyntax bare => bare.Key!.Text!,
        StringValueSyntax quoted => quoted.Value ?? "",
        _ => key.ToString() ?? "",
    }, Locate(key.Span));

    // The library counts lines and columns from 0 and its ends are inclusive.
    private SourceLocation Locate(SourceSpan span) => new(file, span.Start.Line + 1, span.Start.Column + 1,
        span.End.Line == span.Start.Line ? Math.Max(1, span.End.Column - span.Start.Column + 1) : 1);
}
