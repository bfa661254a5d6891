using Lifeline.Supervision;

namespace Lifeline.Tests.Alerting;

public sealed class AlertDeskTests
{
    [Theory]
    [InlineData("slakc", "there is no alert channel \"slakc\"; did you mean \"slack\"?")]
    [InlineData("pager", "there is no alert channel \"pager\"; there are: mail, slack")]
    public void A_channel_that_is_not_there_is_told_with_those_that_are(string typed, string message) =>
        Assert.Equal(message, AlertDesk.NoChannel(typed, ["mail", "slack"]));

    [Fact]
    public void Where_there_is_no_channel_at_all_it_says_how_one_is_made() =>
        Assert.Equal("there is no alert channel \"pager\"; none is configured ([alerts.NAME])", AlertDesk.NoChannel("pager", []));
}
