namespace Lifeline.Contracts.Tests;

public sealed class JsonNamesTests
{
    private delegate bool Parser<T>(string? text, out T value);

    [Fact]
    public void States_are_spelled_as_the_contract_says() =>
        AssertNames<ServiceState>("stopped waiting starting running stopping backoff failed exited", JsonNames.Of, JsonNames.TryParse);

    [Fact]
    public void Healths_are_spelled_as_the_contract_says() =>
        AssertNames<ServiceHealth>("unknown healthy degraded unhealthy", JsonNames.Of, JsonNames.TryParse);

    [Fact]
    public void Death_reasons_are_spelled_as_the_contract_says() =>
        AssertNames<DeathReason>(
            "exited signaled hung probe memory_limit start_timeout exec_failed stopped lost process_limit", JsonNames.Of, JsonNames.TryParse);

    [Fact]
    public void Reclaimed_kinds_are_spelled_as_the_contract_says() =>
        AssertNames<ReclaimKind>("process name session claim path sysv_shm sysv_sem sysv_msg command port", JsonNames.Of, JsonNames.TryParse);

    [Fact]
    public void Outcomes_are_spelled_as_the_contract_says() =>
        AssertNames<ReclaimOutcome>("killed removed absent kept failed", JsonNames.Of, JsonNames.TryParse);

    [Fact]
    public void Claims_and_streams_have_names()
    {
        AssertNames<ClaimKind>("path sysv_shm sysv_sem sysv_msg", JsonNames.Of, JsonNames.TryParse);
        AssertNames<LogStream>("stdout stderr", JsonNames.Of, JsonNames.TryParse);
    }

    private static void AssertNames<T>(string names, Func<T, string> spell, Parser<T> parse)
        where T : struct, Enum
    {
        Assert.Equal(names.Split(' '), Enum.GetValues<T>().Select(spell));
        foreach (var value in Enum.GetValues<T>())
        {
            Assert.True(parse(spell(value), out var read));
            Assert.Equal(value, read);
        }

        Assert.False(parse("", out _));
        Assert.False(parse(null, out _));
        Assert.False(parse(spell(Enum.GetValues<T>()[0]).ToUpperInvariant(), out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => spell((T)(object)99));
    }
}
