using System.Globalization;

namespace Lifeline.Configuration;

/// <summary>A place in a file. Line and column count from 1; a column is one Unicode character. Length is in columns, on that line.</summary>
internal readonly record struct SourceLocation(string File, int Line, int Column, int Length)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}");
}
