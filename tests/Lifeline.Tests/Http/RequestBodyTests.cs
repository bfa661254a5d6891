using System.IO.Pipelines;
using Lifeline.Http;
using Lifeline.Tests.Alerting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Lifeline.Tests.Http;

public class RequestBodyTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(HttpLimits.MaxBodyBytes)]
    public async Task What_keeps_to_the_limit_is_taken_to_its_end(int bytes)
    {
        var body = new MemoryStream(new byte[bytes]);
        Assert.Null(await RequestBody.TakeAsync(Request(body), TimeProvider.System));
        Assert.Equal(bytes, body.Position);
    }

    [Fact]
    public async Task One_byte_more_is_refused_with_the_limit_whether_it_was_announced_or_not()
    {
        var request = Request(new MemoryStream(new byte[HttpLimits.MaxBodyBytes + 1]));
        var problem = await RequestBody.TakeAsync(request, TimeProvider.System);
        Assert.Equal((413, "The body has more than 65536 bytes; 65536 are the limit (MaxBodyBytes). No call of this API looks at one."), (problem!.Status, problem.Detail));
        Assert.Equal("close", request.Response.Headers.Connection);

        var unread = new MemoryStream(new byte[1]);
        request = Request(unread);
        request.Request.ContentLength = HttpLimits.MaxBodyBytes + 1;
        problem = await RequestBody.TakeAsync(request, TimeProvider.System);
        Assert.Equal(413, problem!.Status);
        Assert.Contains("65537", problem.Detail, StringComparison.Ordinal);
        Assert.Equal(0, unread.Position);
    }

    [Fact]
    public async Task A_body_that_does_not_come_in_time_is_refused_with_the_time()
    {
        var time = new ManualTime();
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(new byte[] { 1 }, TestContext.Current.CancellationToken);
        var taking = RequestBody.TakeAsync(Request(pipe.Reader.AsStream()), time);
        time.Advance(HttpLimits.RequestBody - TimeSpan.FromTicks(1));
        Assert.False(taking.IsCompleted);
        time.Advance(TimeSpan.FromTicks(1));
        var problem = await taking;
        Assert.Equal((408, "The body was not whole within 10 s, the limit (RequestBody)."), (problem!.Status, problem.Detail));
    }

    private static DefaultHttpContext Request(Stream body)
    {
        var context = new DefaultHttpContext();
        context.Request.Body = body;
        context.Features.Set<IHttpRequestBodyDetectionFeature>(new HasBody());
        return context;
    }

    private sealed class HasBody : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => true;
    }
}
