using System.CommandLine;
using System.Globalization;
using Lifeline.Configuration;

namespace Lifeline.Cli;

/// <summary>Options that take a whole number, with a message of our own for what is none.</summary>
internal static class NumberOption
{
    public static Option<int?> Create(string name, string[] aliases, string description, int least = int.MinValue) => new(name, aliases)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least) return number;
            result.AddError($"{name} {Quoted.Of(text)} is not a whole number{(least == int.MinValue ? "" : string.Create(CultureInfo.InvariantCulture, $" from {least} on"))}");
            return null;
        },
    };
}
