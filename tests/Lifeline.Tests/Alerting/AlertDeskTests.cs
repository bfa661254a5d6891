using Lifeline.Supervision;

namespace Lifeline.Tests.Alerting;

public sealed class AlertDeskTests
{
    [Theory]
    [InlineData("slakc", "there is no alert channel \"slakc\"; did you mean \"slack\"?")]
    [InlineData("pager", "there is no alert channel \"pager\"; there are: mail, slack")]
    public void A_channel_that_is_not_there_is_told_with_those_that_are(string typed, string message) =>
        Assert.Equal(message, AlertDesk.NoChannel(typed, ["mail", "slack"]));

    [Theory]
    [InlineData("slakc", "there is no alert channel and no service \"slakc\"; did you mean \"slack\"?")]
    [InlineData("order", "there is no alert channel and no service \"order\"; did you mean \"orders\"?")]
    [InlineData("db", "there is no alert channel and no service \"db\"; \"lifeline alert list\" shows the channels, \"lifeline status\" the services")]
    public void Who_is_to_be_silenced_and_is_nobody_is_told_with_who_was_probably_meant(string typed, string message) =>
        Assert.Equal(message, AlertDesk.NobodyToSilence(typed, ["mail", "slack"], ["orders", "payments"]));

    [Fact]
    public void Where_there_is_no_channel_at_all_it_says_how_one_is_made() =>
        Assert.Equal("there is no alert channel \"pager\"; none is configured ([alerts.NAME])", AlertDesk.NoChannel("pager", []));
}
