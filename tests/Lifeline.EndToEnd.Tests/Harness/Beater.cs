namespace Lifeline.EndToEnd.Tests.Harness;

/// <summary>The small C service of bench/hang, which beats as often as it is told and then hangs.</summary>
internal sealed class Beater(string program, string stamp)
{
    /// <summary>Builds it into a folder of its own.</summary>
    public static async Task<Beater> BuildAsync(string folder)
    {
        var program = Path.Combine(folder, "beater");
        var source = Path.Combine(Places.Repository, "bench/hang/beater.c");
        (await Shell.RunAsync("gcc", ["-O1", "-pthread", "-o", program, source], folder)).MustSucceed();
        var stamp = Path.Combine(folder, "stamp");
        await File.WriteAllBytesAsync(stamp, new byte[4096]);
        return new Beater(program, stamp);
    }

    /// <summary>Its command, for the file of the configuration.</summary>
    /// <param name="periodMilliseconds">From beat to beat.</param>
    /// <param name="beats">How many; 0: for ever.</param>
    /// <param name="then">sleep, spin or deaf.</param>
    public string Command(int periodMilliseconds, int beats, string then = "sleep") =>
        $"""["{program}", "{stamp}", "{periodMilliseconds}", "{beats}", "{then}"]""";
}
