using System.Reflection;
using Lifeline.Http;
using Lifeline.Tests.Alerting;
using Lifeline.Tests.Configuration;
using Microsoft.Net.Http.Headers;

namespace Lifeline.Tests.Http.Otlp;

public sealed class OtlpHeaderTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_known_header_is_refused_when_the_file_is_read_or_arrives()
    {
        string[] known = [.. typeof(HeaderNames).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetValue(null)!).Distinct(StringComparer.OrdinalIgnoreCase)];
        Assert.Contains("Last-Modified", known);
        var refused = known.Where(name => _folder.Errors(Configured([name])).Length > 0).ToHashSet();
        Assert.Superset(new HashSet<string>(["Allow", "Expires", "Last-Modified", "Host", "Content-Type", "Content-Length", "Transfer-Encoding"]), refused);
        Assert.DoesNotContain("Authorization", refused);
        Assert.DoesNotContain("User-Agent", refused);

        await using var receiver = new HttpReceiver(_ => "200 OK");
        foreach (var some in known.Where(name => !refused.Contains(name)).Chunk(40))
        {
            var settings = _folder.LoadGood(Configured(some).Replace("http://h", receiver.Url.ToString(), StringComparison.Ordinal)).Monitor.Otlp!;
            using var sender = new OtlpSender(settings, TimeProvider.System);
            await sender.PostAsync([1], TestContext.Current.CancellationToken);
            var head = receiver.Requests.Last().Head + "\r\n";
            Assert.All(some, name => Assert.Contains($"\r\n{name}: x1\r\n", head, StringComparison.OrdinalIgnoreCase));
        }
    }

    private static string Configured(string[] names) =>
        $"[monitor]\notlp = \"http://h\"\n[monitor.otlp_headers]\n{string.Join('\n', names.Select(name => $"\"{name}\" = \"x1\""))}";
}
