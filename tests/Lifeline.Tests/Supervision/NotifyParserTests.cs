using System.Text;
using Lifeline.Supervision;

namespace Lifeline.Tests.Supervision;

public class NotifyParserTests
{
    [Theory]
    [InlineData("READY=1\n")]
    [InlineData("READY=1")]
    [InlineData("\n\nREADY=1\n\n")]
    [InlineData("READY=1\0")]
    [InlineData("RELOADING=1\nREADY=1")]
    [InlineData("READY=1\nMAINPID=17")]
    [InlineData("X_ANYTHING=at all\nREADY=1\n")]
    public void It_is_ready(string text) => Assert.Equal(LifeWord.Ready, Parse(text).Life);

    [Theory]
    [InlineData("READY=")]
    [InlineData("READY=10")]
    [InlineData("READY = 1")]
    [InlineData("ready=1")]
    [InlineData("READY")]
    [InlineData("=1")]
    [InlineData("")]
    public void It_says_nothing(string text) => Assert.False(Parse(text).IsNews);

    [Fact]
    public void The_last_of_ready_reloading_and_stopping_counts_and_of_others_the_first()
    {
        var message = Parse("READY=1\nSTATUS=one\nSTOPPING=1\nSTATUS=two\nWATCHDOG_USEC=5\nWATCHDOG_USEC=6");
        Assert.Equal((LifeWord.Stopping, "one", TimeSpan.FromMicroseconds(5)), (message.Life, message.Status, message.Heartbeat));
    }

    [Fact]
    public void Everything_that_there_is_is_read()
    {
        var message = Parse("""
            RELOADING=1
            MONOTONIC_USEC=123
            STATUS=Ünïcode = fine
            ERRNO=-5
            EXIT_STATUS=EXCEPTION
            BUSERROR=org.freedesktop.DBus.Error.TimedOut
            WATCHDOG=1
            WATCHDOG_USEC=2000000
            EXTEND_TIMEOUT_USEC=3000000
            MAINPID=4711
            NOTIFYACCESS=main
            FDSTORE=1
            FDNAME=my socket
            FDPOLL=0
            """);
        Assert.Equal(
            new NotifyMessage
            {
                Life = LifeWord.Reloading,
                Status = "Ünïcode = fine",
                Errno = -5,
                ExitStatus = "EXCEPTION",
                BusError = "org.freedesktop.DBus.Error.TimedOut",
                Beat = true,
                Heartbeat = TimeSpan.FromSeconds(2),
                MoreTime = TimeSpan.FromSeconds(3),
                MainPid = 4711,
                Access = NotifyAccess.Main,
                Stores = true,
                DescriptorName = "my socket",
                IsUnpolled = true,
            },
            message);
        Assert.True(Parse("WATCHDOG=trigger").Trouble);
        Assert.True(Parse("FDSTOREREMOVE=1\nFDNAME=x").Removes);
        Assert.True(Parse("BARRIER=1").IsBarrier);
    }

    [Fact]
    public void An_empty_status_is_a_status() => Assert.Equal("", Parse("STATUS=\n").Status);

    [Theory]
    [InlineData("0", 0)]
    [InlineData("18446744073709551615", 0)] // systemd's infinity: not watched
    [InlineData("1500000", 1500)]
    public void A_heartbeat_is_in_microseconds(string value, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Parse($"WATCHDOG_USEC={value}").Heartbeat);

    [Theory]
    [InlineData("WATCHDOG_USEC=18446744073709551616")]
    [InlineData("WATCHDOG_USEC=-1")]
    [InlineData("EXTEND_TIMEOUT_USEC=soon")]
    [InlineData("MAINPID=0")]
    [InlineData("MAINPID=-1")]
    [InlineData("MAINPID=99999999999")]
    [InlineData("ERRNO=x")]
    [InlineData("WATCHDOG=2")]
    [InlineData("NOTIFYACCESS=everybody")]
    [InlineData("FDSTORE=yes")]
    public void Values_that_make_no_sense_are_left_out(string text) => Assert.Equal(new NotifyMessage(), Parse(text));

    [Fact]
    public void A_long_time_is_no_overflow() => Assert.Equal(TimeSpan.MaxValue, Parse($"EXTEND_TIMEOUT_USEC={ulong.MaxValue}").MoreTime);

    [Theory]
    [InlineData("a:b")]
    [InlineData("")]
    [InlineData("tab\there")]
    [InlineData("ü")]
    public void A_name_of_a_descriptor_that_systemd_would_not_take_is_none(string name) => Assert.Null(Parse($"FDSTORE=1\nFDNAME={name}").DescriptorName);

    [Fact]
    public void The_longest_name_is_taken_and_one_byte_more_is_not()
    {
        Assert.Equal(255, Parse($"FDNAME={new string('n', 255)}").DescriptorName?.Length);
        Assert.Null(Parse($"FDNAME={new string('n', 256)}").DescriptorName);
    }

    [Fact]
    public void A_zero_byte_within_drops_the_whole_message()
    {
        Assert.Null(NotifyParser.Parse("READY=1\0STATUS=x"u8, out var refusal));
        Assert.Equal("it holds a zero byte", refusal);
    }

    [Fact]
    public void A_status_that_is_no_utf8_is_left_out() =>
        Assert.Equal((null, LifeWord.Ready), NotifyParser.Parse([.. "STATUS="u8, 0xFF, .. "\nREADY=1"u8], out _) is { } m ? (m.Status, m.Life) : default);

    [Fact]
    public void Garbage_of_every_kind_is_read_without_an_exception()
    {
        var random = new Random(20_261);
        string[] names = ["READY", "STATUS", "WATCHDOG", "WATCHDOG_USEC", "MAINPID", "FDNAME", "ERRNO", "EXTEND_TIMEOUT_USEC", "BARRIER", "FDSTORE", "=", "\n", "\0", "1", "trigger"];
        for (var i = 0; i < 50_000; i++)
        {
            var bytes = new List<byte>();
            for (var parts = random.Next(12); parts > 0; parts--)
            {
                if (random.Next(3) == 0)
                {
                    var noise = new byte[random.Next(40)];
                    random.NextBytes(noise);
                    bytes.AddRange(noise);
                }
                else
                {
                    bytes.AddRange(Encoding.ASCII.GetBytes(names[random.Next(names.Length)]));
                    if (random.Next(2) == 0)
                        bytes.Add((byte)'=');
                }
            }

            var message = NotifyParser.Parse([.. bytes], out var refusal);
            Assert.NotEqual(message is null, refusal is null);
            Assert.True(message?.DescriptorName is not { Length: > NotifyParser.MaxDescriptorName or 0 });
            Assert.True(message?.Heartbeat is null or { Ticks: >= 0 });
            Assert.True(message?.MainPid is null or > 0);
        }
    }

    [Fact]
    public void The_largest_datagram_is_read() =>
        Assert.Equal(NotifyParser.MaxMessage - 7, Parse("STATUS=" + new string('x', NotifyParser.MaxMessage - 7)).Status!.Length);

    private static NotifyMessage Parse(string text)
    {
        var message = NotifyParser.Parse(Encoding.UTF8.GetBytes(text), out var refusal);
        Assert.Null(refusal);
        return message!;
    }
}
