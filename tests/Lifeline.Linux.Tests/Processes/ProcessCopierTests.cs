namespace Lifeline.Linux.Tests.Processes;

public class ProcessCopierTests
{
    [Fact]
    public void A_program_with_a_compiler_in_it_is_not_copied() => Assert.False(ProcessCopier.IsPossible);

    [Fact]
    public void Asking_whether_a_range_can_be_closed_closes_nothing_and_leaves_the_threads_one_table_of_descriptors()
    {
        using var open = Descriptor.Open("/dev/null", OpenFlags.Read);

        _ = ProcessCopier.CanCloseRange;

        Descriptor? other = null;
        var thread = new Thread(() => other = Descriptor.Open("/dev/zero", OpenFlags.Read));
        thread.Start();
        thread.Join();
        using (other)
        {
            _ = open.Stat();
            _ = other!.Stat(); // EBADF if it went into a table of the other thread alone
        }
    }
}
