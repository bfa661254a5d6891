using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lifeline.Configuration;

namespace Lifeline.Tests.Configuration;

public sealed class The_table_of_keys : IDisposable
{
    private const string Begin = "<!-- keys: begin (made from the table of keys; LIFELINE_UPDATE_DOCS=1 and the tests write it) -->\n";
    private const string End = "<!-- keys: end -->";

    private static readonly string[] Kinds = ["http", "tcp", "exec"];

    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string, string> SupportedKeys()
    {
        var keys = new TheoryData<string, string>();
        foreach (var section in KeyTable.Sections)
            foreach (var key in section.Keys.Where(key => key.Supported)) keys.Add(section.Title, key.Name);
        return keys;
    }

    public static TheoryData<string, string> LaterKeys()
    {
        var keys = new TheoryData<string, string>();
        foreach (var section in KeyTable.Sections)
            foreach (var key in section.Keys.Where(key => !key.Supported)) keys.Add(section.Title, key.Name);
        return keys;
    }

    [Theory]
    [MemberData(nameof(SupportedKeys))]
    public void Has_an_example_and_a_default_that_are_accepted(string title, string name)
    {
        var key = KeyTable.Sections.Single(section => section.Title == title).Find(name)!;
        folder.Write("orders.env", "A=b");
        folder.Write("mail-ca.pem", Authority());
        foreach (var value in new[] { key.Example, key.Default }.OfType<string>())
            folder.LoadGood(Document(title, $"{name} = {value.Replace("\"deploy\"", "\"root\"", StringComparison.Ordinal).Replace("/etc/lifeline/mail-ca.pem", "mail-ca.pem", StringComparison.Ordinal)}"));
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(LaterKeys))]
    public void Refuses_keys_of_later_versions_by_name(string title, string name)
    {
        var key = KeyTable.Sections.Single(section => section.Title == title).Find(name)!;
        var error = Assert.Single(folder.Errors(Document(title, $"{name} = {key.Example}")));
        Assert.Contains($"\"{name}\" in ", error, StringComparison.Ordinal);
        Assert.Contains("is not yet supported", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Has_every_key_of_the_contract_and_says_the_same_defaults()
    {
        // The defaults as people's files rely on them, written here a second time on purpose.
        var defaults = new Dictionary<string, string?>
        {
            ["[monitor].http"] = "\"127.0.0.1:7070\"", ["[services.NAME].nice"] = "0", ["[services.NAME].instances"] = "1", ["[services.NAME].update"] = "\"replace\"",
            ["[services.NAME].user"] = null, ["[services.NAME].unix_group"] = null, ["[services.NAME].depends_on"] = "[]", ["[services.NAME].before_start"] = null,
            ["[services.NAME].after_stop"] = null, ["[services.NAME].reload_signal"] = null, ["[services.NAME].group"] = null,
            ["[services.NAME.limits].nofile"] = null, ["[services.NAME.limits].memory"] = null, ["[services.NAME.limits].processes"] = null, ["[services.NAME.limits].core"] = null,
            ["[services.NAME.probe].interval"] = "\"10s\"", ["[services.NAME.probe].timeout"] = "\"2s\"", ["[services.NAME.probe].failures"] = "3",
            ["[services.NAME.probe].successes"] = "1", ["[services.NAME.probe].action"] = "\"restart\"", ["[groups.NAME].strategy"] = "\"one_for_one\"",
            ["[monitor].shutdown_timeout"] = "\"30s\"", ["[monitor].present_as"] = "\"lifeline\"",
            ["[services.NAME].inherit_env"] = "[\"PATH\", \"HOME\", \"LANG\", \"TZ\", \"USER\"]", ["[services.NAME].umask"] = "\"022\"",
            ["[services.NAME].autostart"] = "true", ["[services.NAME].ready"] = "\"exec\"", ["[services.NAME].ready_timeout"] = "\"30s\"",
            ["[services.NAME].heartbeat"] = null, ["[services.NAME].status_events"] = "\"1s\"", ["[services.NAME].restart"] = "\"always\"",
            ["[services.NAME].success_exit_codes"] = "[0]", ["[services.NAME].max_restarts"] = "5", ["[services.NAME].restart_window"] = "\"60s\"",
            ["[services.NAME].failed_retry"] = "\"5m\"", ["[services.NAME.backoff].initial"] = "\"100ms\"", ["[services.NAME.backoff].max"] = "\"30s\"",
            ["[services.NAME.backoff].factor"] = "2.0", ["[services.NAME.backoff].jitter"] = "0.1", ["[services.NAME.backoff].reset_after"] = "\"60s\"",
            ["[services.NAME.stop].signal"] = "\"TERM\"", ["[services.NAME.stop].timeout"] = "\"10s\"", ["[services.NAME.reclaim].timeout"] = "\"10s\"",
            ["[services.NAME.log].max_size"] = "\"10MiB\"", ["[services.NAME.log].max_files"] = "5", ["[alerts.NAME].throttle"] = "\"1m\"",
            ["[alerts.NAME].on"] = "[\"died\", \"hung\", \"failed\", \"unhealthy\", \"reclaim_failed\", \"recovered\"]", ["[alerts.NAME].services"] = "[\"*\"]",
        };
        foreach (var (path, value) in defaults)
        {
            var dot = path.IndexOf("].", StringComparison.Ordinal) + 1;
            var key = KeyTable.Sections.Single(section => section.Title == path[..dot]).Find(path[(dot + 1)..]);
            Assert.True(key is not null, path);
            Assert.Equal(value, key.Default);
        }
    }

    [Fact]
    public void Is_the_one_in_the_guide()
    {
        var path = Path.Combine(Repository.Root, "docs/guide/configuration.md");
        var text = File.ReadAllText(path);
        var begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var end = text.IndexOf(End, StringComparison.Ordinal);
        Assert.True(begin >= Begin.Length && end >= begin, $"{path} has lost its marks");
        var wanted = "\n" + KeyTableText.Markdown() + "\n";
        if (Environment.GetEnvironmentVariable("LIFELINE_UPDATE_DOCS") == "1") File.WriteAllText(path, text[..begin] + wanted + text[end..]);
        else Assert.Equal(wanted, text[begin..end]);
    }

    private static string Document(string title, string line)
    {
        line = line.Replace("\"shop\"", line.StartsWith("user", StringComparison.Ordinal) || line.StartsWith("unix_group", StringComparison.Ordinal) ? "\"root\"" : "\"shop\"", StringComparison.Ordinal);
        if (title.EndsWith("probe]", StringComparison.Ordinal) && !Kinds.Any(kind => line.StartsWith(kind, StringComparison.Ordinal))) line += "\ntcp = \"127.0.0.1:1\"";
        const string service = "[services.orders]\ncommand = \"x\"\n[services.db-1]\ncommand = \"x\"\n";
        var alone = line.StartsWith("command", StringComparison.Ordinal) || line.StartsWith("webhook", StringComparison.Ordinal) || line.StartsWith("email", StringComparison.Ordinal);
        return title switch
        {
            "the file" => line.StartsWith("services", StringComparison.Ordinal) ? line : line + "\n" + service,
            "[services.NAME]" => $"[services.x]\n{(alone ? "" : "command = \"x\"\n")}{line}\n",
            "[alerts.NAME]" => $"[alerts.x]\n{AlertOf(line.Split(' ')[0])}{line}\n{service}",
            "[monitor]" => $"{title}\n{line}\n[services.web]\ncommand = \"x\"\n",
            _ when title.StartsWith("[services.NAME.", StringComparison.Ordinal) => $"[services.x]\ncommand = \"x\"\n{title.Replace("NAME", "x", StringComparison.Ordinal)}\n{line}\n",
            _ => $"{title}\n{line}\n",
        };
    }

    private static string Authority()
    {
        using var key = ECDsa.Create();
        using var authority = new CertificateRequest("CN=an authority", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90));
        return authority.ExportCertificatePem();
    }

    private static string AlertOf(string key) => key switch
    {
        "command" or "webhook" or "email" or "alertmanager" => "",
        "format" or "template" => "webhook = \"http://h/\"\n",
        "smtp" or "tls" or "tls_ca" or "from" => "email = \"a@example.org\"\n",
        _ => "command = \"x\"\n",
    };
}
