namespace Lifeline.Configuration;

/// <summary>One thing that is wrong, where it stands, and what would be right.</summary>
/// <param name="Location">Line 0: the file as a whole.</param>
/// <param name="Message">What is wrong, with the value found and what is allowed.</param>
/// <param name="Hint">What to write instead, or null.</param>
/// <param name="SourceLine">The line as it stands in the file, or null.</param>
internal sealed record ConfigurationError(SourceLocation Location, string Message, string? Hint, string? SourceLine)
{
    public string File => Location.File;

    public int Line => Location.Line;

    public int Column => Location.Column;

    /// <summary>One line, as compilers write it: <c>file:line:column: error: message; hint</c>.</summary>
    public override string ToString() =>
        $"{(Line == 0 ? File : Location.ToString())}: error: {Message}{(Hint is null ? "" : "; " + Hint)}";
}
