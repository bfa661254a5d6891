namespace Lifeline.Journal;

/// <summary>The library that the journal is kept with lies beside the executable; who copies only that one is told, before a monitor fails again and again.</summary>
internal static class SqliteLibrary
{
    /// <summary>Why there can be no journal; null: there can.</summary>
    public static string? WhyMissing()
    {
        try
        {
            SQLitePCL.Batteries_V2.Init();
            _ = SQLitePCL.raw.sqlite3_libversion_number();
            return null;
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException { InnerException: DllNotFoundException })
        {
            return $"libe_sqlite3.so is missing beside {Environment.ProcessPath}: the journal is kept with it";
        }
    }
}
