namespace Lifeline.Configuration;

/// <summary>What reading a value needs to know beside the value.</summary>
/// <remarks><paramref name="Folder"/>: the folder of the file, from which relative paths start.</remarks>
internal sealed record ReadContext(string Folder, IReadOnlyDictionary<string, string> Variables, ErrorList Errors);
