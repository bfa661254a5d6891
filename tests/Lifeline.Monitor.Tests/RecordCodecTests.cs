using System.Text;

namespace Lifeline.Monitor.Tests;

public sealed class RecordCodecTests
{
    [Fact]
    public void A_record_of_an_older_version_takes_the_defaults()
    {
        var record = SlotRecordCodec.Decode(Encoding.UTF8.GetBytes("""{"service":"a","boot_id":"b","generation":3,"unknown":{"x":1}}"""));
        Assert.Equal(3, record.Generation);
        Assert.Empty(record.RestartTimes);
        Assert.Empty(record.Claims);
        Assert.Empty(record.Alerts);
        Assert.Equal("", record.LaunchKey);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"service\":\"a\",\"boot_id\":\"b\",\"phase\":\"dancing\"}")]
    [InlineData("[1,2")]
    public void What_is_no_record_is_refused(string text) =>
        Assert.Throws<FormatException>(() => SlotRecordCodec.Decode(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Event_data_is_one_json_object_in_its_order()
    {
        var data = new EventData().With("b", 1).With("a", EventValue.Null).With("c", "x\"y").With("d", 1.5).With("e", true)
            .With("f", new EventData().With("g", 2L)).With("h", EventValue.Texts(["i"]));
        Assert.Equal("""{"b":1,"a":null,"c":"x\u0022y","d":1.5,"e":true,"f":{"g":2},"h":["i"]}""", data.ToJson());
        Assert.Null(data["nothing"]);
    }
}
