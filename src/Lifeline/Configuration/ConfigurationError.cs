namespace Lifeline.Configuration;

/// <summary>One thing that is wrong, where it stands, and what would be right.</summary>
/// <remarks><paramref name="Location"/>: line 0: the file as a whole. <paramref name="Message"/>: what is wrong, with the value found and what is allowed. <paramref name="Hint"/>: what to write instead, or null. <paramref name="SourceLine"/>: the line as it stands in the file, or null.</remarks>
internal sealed record ConfigurationError(SourceLocation Location, string Message, string? Hint, string? SourceLine)
{
    public string File => Location.File;

    public int Line => Location.Line;

    public int Column => Location.Column;

    /// <summary>One line, as compilers write it: <c>file:line:column: error: message; hint</c>.</summary>
    public override string ToString() =>
        $"{(Line == 0 ? File : Location.ToString())}: error: {Message}{(Hint is null ? "" : "; " + Hint)}";
}
