using System.Text;

namespace Lifeline.Configuration;

/// <summary>
/// Replaces <c>${VAR}</c> and <c>${VAR:-default}</c>; the default is used when the variable is unset or empty and may hold
/// further ones. <c>$$</c> gives one dollar; a dollar before anything else stands for itself.
/// </summary>
internal static class Interpolation
{
    private const int MaximumDepth = 8;

    // Defaults may repeat a variable; without a bound a short line could ask for gigabytes.
    private const int MaximumResult = 1 << 20;

    /// <summary>The text, or what is wrong with it and at which character it begins.</summary>
    internal readonly record struct Result(string? Text, string? Problem, string? Hint, int Position);

    public static Result Expand(string text, IReadOnlyDictionary<string, string> environment)
    {
        if (!text.Contains('$', StringComparison.Ordinal)) return new Result(text, null, null, 0);
        var output = new StringBuilder();
        return Append(text, 0, environment, output, 0) ?? new Result(output.ToString(), null, null, 0);
    }

    private static Result? Append(string text, int start, IReadOnlyDictionary<string, string> environment, StringBuilder output, int depth)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var next = i + 1 < text.Length ? text[i + 1] : '\0';
            if (text[i] != '$' || next is not ('$' or '{'))
            {
                output.Append(text[i]);
            }
            else if (next == '$')
            {
                output.Append('$');
                i++;
            }
            else
            {
                var end = FindClose(text, i + 2);
                if (end < 0) return Wrong("\"${\" without its \"}\"", "write \"$${\" for the text \"${\"", start + i);
                if (Replace(text[(i + 2)..end], start + i, environment, output, depth) is { } problem) return problem;
                i = end;
            }
            if (output.Length > MaximumResult) return Wrong("the text grows beyond 1 MiB when its variables are replaced", null, start + i);
        }
        return null;
    }

    private static Result? Replace(string inside, int start, IReadOnlyDictionary<string, string> environment, StringBuilder output, int depth)
    {
        var length = NameLength(inside);
        var rest = inside[length..];
        if (length == 0 || (rest.Length > 0 && !rest.StartsWith(":-", StringComparison.Ordinal)))
            return Wrong($"{Quoted.Of($"${{{inside}}}")} is not understood", "write \"${NAME}\" or \"${NAME:-default}\", or \"$${\" for the text \"${\"", start);
        var name = inside[..length];
        if (environment.TryGetValue(name, out var value) && (value.Length > 0 || rest.Length == 0))
        {
            output.Append(value);
            return null;
        }
        if (rest.Length == 0)
            return Wrong($"the variable {name} is not set", $"set it, or give a default: \"${{{name}:-…}}\"; \"$${{{name}}}\" leaves it as it is", start);
        if (depth == MaximumDepth) return Wrong($"defaults nested more than {MaximumDepth} deep", null, start);
        return Append(rest[2..], start + 2 + length + 2, environment, output, depth + 1);
    }

    private static int FindClose(string text, int from)
    {
        var depth = 1;
        for (var i = from; i < text.Length; i++)
        {
            if (text[i] == '$' && i + 1 < text.Length && text[i + 1] is ('{' or '$'))
            {
                if (text[i + 1] == '{') depth++;
                i++;
            }
            else if (text[i] == '}' && --depth == 0)
            {
                return i;
            }
        }
        return -1;
    }

    private static int NameLength(string text)
    {
        var length = 0;
        while (length < text.Length && (char.IsAsciiLetter(text[length]) || text[length] == '_' || (length > 0 && char.IsAsciiDigit(text[length]))))
            length++;
        return length;
    }

    private static Result Wrong(string problem, string? hint, int position) => new(null, problem, hint, position);
}
