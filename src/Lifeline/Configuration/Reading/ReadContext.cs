namespace Lifeline.Configuration;

/// <summary>What reading a value needs to know beside the value.</summary>
/// <param name="Folder">The folder of the file, from which relative paths start.</param>
internal sealed record ReadContext(string Folder, IReadOnlyDictionary<string, string> Variables, UserDirectory Users, ErrorList Errors);
