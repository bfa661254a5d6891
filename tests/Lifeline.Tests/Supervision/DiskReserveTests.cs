using Lifeline.Journal;
using Lifeline.Supervision;

namespace Lifeline.Tests.Supervision;

public class DiskReserveTests
{
    [Fact]
    public void It_is_made_with_the_journal_and_given_up_when_the_journal_cannot_be_opened()
    {
        var folder = Directory.CreateTempSubdirectory("lifeline-reserve-").FullName;
        try
        {
            var file = Path.Combine(folder, "reserve");
            var reserve = new DiskReserve(folder);
            using (reserve.OpenJournal(new JournalOptions { Path = Path.Combine(folder, "journal.db") }, TimeProvider.System))
                Assert.Equal(DiskReserve.Bytes, new FileInfo(file).Length);

            // A folder in its place cannot be opened, whatever room there is.
            Directory.CreateDirectory(Path.Combine(folder, "folder.db"));
            Assert.Throws<JournalException>(() => reserve.OpenJournal(new JournalOptions { Path = Path.Combine(folder, "folder.db") }, TimeProvider.System));
            Assert.False(File.Exists(file));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
