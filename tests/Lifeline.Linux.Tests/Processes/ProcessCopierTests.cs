namespace Lifeline.Linux.Tests.Processes;

public class ProcessCopierTests
{
    [Fact]
    public void A_program_with_a_compiler_in_it_is_not_copied() => Assert.False(ProcessCopier.IsPossible);
}
