using System.Text;

namespace Lifeline.Tests.Configuration;

public sealed class Wrong_keys_and_values : IDisposable
{
    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("comand = 1", "3:1", "unknown key \"comand\" in [services.orders]; did you mean \"command\"?")]
    [InlineData("max-restarts = 1", "3:1", "unknown key \"max-restarts\" in [services.orders]; did you mean \"max_restarts\"?")]
    [InlineData("timeout = \"1s\"", "3:1", "unknown key \"timeout\" in [services.orders]; it is a key of [services.NAME.stop]")]
    [InlineData("zzzzzz = 1", "3:1", "unknown key \"zzzzzz\" in [services.orders]")]
    [InlineData("stop = { signl = \"TERM\" }", "3:10", "unknown key \"signl\" in [services.orders.stop]; did you mean \"signal\"?")]
    [InlineData("stop.signl = \"TERM\"", "3:6", "unknown key \"signl\" in [services.orders.stop]; did you mean \"signal\"?")]
    [InlineData("instances = 0", "3:13", "\"instances\" must be from 1 to 1000, found 0")]
    [InlineData("user = \"nobody-here\"", "3:8", "there is no user \"nobody-here\"; create it, or write the number")]
    [InlineData("user = 123456", "3:8", "the user 123456 is not in the system's user database, so its group is not known; give unix_group too")]
    [InlineData("unix_group = \"nobody-here\"", "3:14", "there is no group \"nobody-here\"; create it, or write the number")]
    [InlineData("private_tmp = true\nenv = { TMPDIR = \"/x\" }", "3:15", "private_tmp = true sets TMPDIR, and so does env; take away one of them")]
    [InlineData("update = \"sideways\"", "3:10", "\"update\" must be one of \"replace\", \"overlap\", found \"sideways\"")]
    [InlineData("update = \"overlap\"", "3:10", "update = \"overlap\" of orders needs to know when the new one serves, and ready = \"exec\" does not tell; set ready = \"status\", or \"probe\" with a command")]
    [InlineData("update = \"overlap\"\nready = \"probe\"\nprobe.tcp = \"127.0.0.1:1\"", "3:10", "update = \"overlap\" of orders: the old one would answer the probe of the new one; let ready_probe ask with a command (exec), which is told LIFELINE_GENERATION, or set ready = \"status\"")]
    [InlineData("nice = 20", "3:8", "\"nice\" must be from -20 to 19, found 20")]
    [InlineData("limits = { memory = \"1KiB\" }", "3:21", "\"memory\" must be from 1MiB to 1TiB, found 1KiB")]
    [InlineData("limits = { memory = 1024 }", "3:21", "\"memory\" must be from 1MiB to 1TiB, found 1KiB")]
    [InlineData("limits = { files = 1 }", "3:12", "unknown key \"files\" in [services.orders.limits]")]
    [InlineData("ready = \"probe\"", "3:9", "ready = \"probe\" needs a probe; add [services.orders.probe] or [services.orders.ready_probe]")]
    [InlineData("probe = { interval = \"1s\" }", "3:9", "the probe does not say whom to ask; give exactly one of http, tcp and exec")]
    [InlineData("probe = { tcp = \"h:1\", exec = \"x\" }", "3:31", "the probe has both tcp and exec; give exactly one of http, tcp and exec")]
    [InlineData("probe = { tcp = \"h\" }", "3:17", "\"tcp\" must be a host and port such as \"127.0.0.1:8080\", found the string \"h\"")]
    [InlineData("probe = { tcp = \"h:0\" }", "3:17", "\"h:0\" has port 0; write the port")]
    [InlineData("listen = { a = {} }", "3:16", "the socket \"a\" has no address; give exactly one of tcp, udp and unix")]
    [InlineData("listen = { a = { tcp = \"::1:80\" } }", "3:24", "\"tcp\" must be a host and port such as \"127.0.0.1:8080\", found the string \"::1:80\"")]
    [InlineData("listen = { a = { tcp = \"example.org:80\" } }", "3:24", "\"example.org\" is not an IP address; write an address of this machine, 0.0.0.0 or [::] for all")]
    [InlineData("listen = { \"a.b\" = { tcp = \"127.0.0.1:80\" } }", "3:12", "\"a.b\" is not a valid name in [services.orders.listen]; a name is 1 to 64 letters, digits, \"_\" and \"-\"")]
    [InlineData("depends_on = [\"oders\"]", "3:14", "orders depends on \"oders\", which does not exist")]
    [InlineData("depends_on = [\"orders\"]", "3:14", "depends_on goes in a circle: orders → orders; take one of these dependencies out")]
    [InlineData("group = \"a b\"", "3:9", "\"a b\" is not a valid group name; a name is 1 to 64 letters, digits, \"_\" and \"-\"")]
    [InlineData("ready = \"statsu\"", "3:9", "\"ready\" must be one of \"exec\", \"status\", \"probe\", found \"statsu\"; did you mean \"status\"?")]
    [InlineData("restart = true", "3:11", "\"restart\" must be one of \"always\", \"on-failure\", \"never\", found true")]
    [InlineData("autostart = \"yes\"", "3:13", "\"autostart\" must be true or false, found the string \"yes\"")]
    [InlineData("umask = 22", "3:9", "\"umask\" must be a string of octal digits from \"000\" to \"777\", found the integer 22")]
    [InlineData("umask = \"999\"", "3:9", "\"umask\" must be a string of octal digits from \"000\" to \"777\", found the string \"999\"")]
    [InlineData("ready_timeout = 30", "3:17", "\"ready_timeout\" must be a duration such as \"2m\", found the integer 30; write a number and a unit: \"250ms\", \"10s\", \"5m\", \"1h\"")]
    [InlineData("ready_timeout = \"30 s\"", "3:17", "\"ready_timeout\" must be a duration such as \"2m\", found \"30 s\"; write a number and a unit: \"250ms\", \"10s\", \"5m\", \"1h\"")]
    [InlineData("heartbeat = \"0s\"", "3:13", "\"heartbeat\" must be from 10ms to 24h, found 0s")]
    [InlineData("heartbeat = \"never\"", "3:13", "\"heartbeat\" must be a duration such as \"10s\", found \"never\"; write a number and a unit: \"250ms\", \"10s\", \"5m\", \"1h\"")]
    [InlineData("max_restarts = -1", "3:16", "\"max_restarts\" must be from 0 to 1000000, found -1")]
    [InlineData("max_restarts = 2.5", "3:16", "\"max_restarts\" must be a whole number, found the number 2.5")]
    [InlineData("max_restarts = 9223372036854775807", "3:16", "\"max_restarts\" must be from 0 to 1000000, found 9223372036854775807")]
    [InlineData("backoff.factor = 0.5", "3:18", "\"factor\" must be from 1 to 100, found 0.5")]
    [InlineData("backoff.factor = nan", "3:18", "\"factor\" must be from 1 to 100, found NaN")]
    [InlineData("backoff.jitter = \"a\"", "3:18", "\"jitter\" must be a number, found the string \"a\"")]
    [InlineData("backoff = 3", "3:11", "\"backoff\" must be a table, found the integer 3; write backoff = { initial = \"1s\", max = \"1m\" }")]
    [InlineData("stop = \"5s\"", "3:8", "\"stop\" must be a table, found the string \"5s\"; write stop = { signal = \"INT\", timeout = \"30s\" }")]
    [InlineData("log.max_size = \"10MB\"", "3:16", "\"max_size\" must be a size such as \"1MiB\", found \"10MB\"; write a number and a unit: \"512B\", \"64KiB\", \"10MiB\", \"1GiB\"")]
    [InlineData("log.max_size = \"1B\"", "3:16", "\"max_size\" must be from 1KiB to 1TiB, found 1B")]
    [InlineData("log.max_files = 0", "3:17", "\"max_files\" must be from 1 to 1000, found 0")]
    [InlineData("success_exit_codes = [0, 256]", "3:26", "\"success_exit_codes\" must be from 0 to 255, found 256")]
    [InlineData("success_exit_codes = [\"0\"]", "3:23", "\"success_exit_codes\" must be an array of whole numbers, found the string \"0\"")]
    [InlineData("success_exit_codes = 0", "3:22", "\"success_exit_codes\" must be an array of whole numbers, found the integer 0")]
    [InlineData("inherit_env = [\"A=B\"]", "3:16", "\"A=B\" cannot be the name of a variable; a name is not empty and holds no \"=\"")]
    [InlineData("env = { A = 1.5 }", "3:13", "\"A\" must be a string, a whole number, true or false, found the number 1.5")]
    [InlineData("env = { NOTIFY_SOCKET = \"x\" }", "3:9", "the variable NOTIFY_SOCKET is set by Lifeline itself; remove it")]
    [InlineData("env = [\"A=B\"]", "3:7", "\"env\" must be a table of variables, found an array")]
    [InlineData("stop.signal = \"TREM\"", "3:15", "\"TREM\" is not a signal; did you mean \"TERM\"?")]
    [InlineData("stop.signal = 65", "3:15", "\"65\" is not a signal; write a name such as \"TERM\" or a number from 1 to 64")]
    [InlineData("stop.signal = \"STOP\"", "3:15", "SIGSTOP suspends a process and never ends it; use \"TERM\" or another signal that the service acts on")]
    [InlineData("backoff = { initial = \"1m\", max = \"1s\" }", "3:23", "backoff.initial (1m) is longer than backoff.max (1s); raise max or lower initial")]
    [InlineData("backoff.max = \"50ms\"", "3:15", "backoff.initial (100ms) is longer than backoff.max (50ms); raise max or lower initial")]
    [InlineData("reclaim.paths = [\"/run/*/x\"]", "3:18", "\"/run/*/x\" has a wildcard before its last part; wildcards may stand in the last part only")]
    [InlineData("reclaim.paths = [\"/run/\"]", "3:18", "\"/run/\" names a folder; name files or sockets in it, \"*\" for all of them")]
    [InlineData("reclaim.command = []", "3:19", "\"command\" must name a program")]
    [InlineData("cwd = \"\"", "3:7", "a path must not be empty")]
    [InlineData("cwd = \"a\\u0000b\"", "3:7", "\"cwd\" holds a NUL character")]
    [InlineData("cwd = 2020-01-01", "3:7", "\"cwd\" must be a path, found a date or time")]
    [InlineData("command = [\"x\"]", "3:1", "\"command\" is given twice; the first is at line 2")]
    public void A_wrong_key_of_a_service_is_told_with_its_place(string line, string place, string message)
    {
        Assert.Equal([$"lifeline.toml:{place}: error: {message}"], folder.Errors($"[services.orders]\ncommand = [\"x\"]\n{line}\n"));
    }

    [Theory]
    [InlineData("command = []", "2:11", "\"command\" must name a program")]
    [InlineData("command = [\"\"]", "2:11", "\"command\" must name a program")]
    [InlineData("command = \"  \"", "2:11", "\"command\" must not be empty")]
    [InlineData("command = 1", "2:11", "\"command\" must be an array of strings (program and arguments) or one string, found the integer 1")]
    [InlineData("command = [\"a\", 1]", "2:17", "\"command\" must be an array of strings (program and arguments) or one string, found the integer 1")]
    [InlineData("command = [1]", "2:12", "\"command\" must be an array of strings (program and arguments) or one string, found the integer 1")]
    [InlineData("autostart = true", "1:11", "[services.orders] has no command; command = [\"program\", \"argument\"], or one string for the shell")]
    public void A_wrong_command_is_told(string line, string place, string message)
    {
        Assert.Equal([$"lifeline.toml:{place}: error: {message}"], folder.Errors($"[services.orders]\n{line}\n"));
    }

    [Theory]
    [InlineData("[monitor]\nhttp = \"of\"", "2:8", "\"http\" must be \"off\" or an address and port such as \"127.0.0.1:7070\", found the string \"of\"")]
    [InlineData("[monitor]\nhttp = \"example.org:80\"", "2:8", "\"example.org\" is not an IP address; write 127.0.0.1, [::1], 0.0.0.0 or an address of this machine")]
    [InlineData("[monitor]\nexit_with = \"web\"", "2:13", "there is no service \"web\"")]
    [InlineData("[services.a]\ncommand = \"x\"\ndepends_on = [\"b\"]\n[services.b]\ncommand = \"x\"\ndepends_on = [\"c\"]\n[services.c]\ncommand = \"x\"\ndepends_on = [\"a\"]", "9:14", "depends_on goes in a circle: a → b → c → a; take one of these dependencies out")]
    [InlineData("[groups.shop]\n[services.a]\ncommand = \"x\"\ngroup = \"shpo\"", "2:11", "a is in the group \"shpo\", which has no table; did you mean \"shop\"?")]
    [InlineData("[services.a]\ncommand = \"x\"\nlisten.s.tcp = \"[::1]:80\"\n[services.b]\ncommand = \"x\"\nlisten.s.tcp = \"[::1]:80\"", "4:11", "b listens where a does already ([::1]:80); give each socket an address of its own")]
    [InlineData("[monitor]\nallow_users = [\"zz\"]", "2:16", "there is no user \"zz\"; create it, or write the number")]
    [InlineData("[monitor]\nallow_users = [-1]", "2:16", "\"allow_users\" must be an array of user numbers from 0 to 4294967294, found the integer -1")]
    [InlineData("[monitor]\nshutdown_timeout = \"2h\"", "2:20", "\"shutdown_timeout\" must be from 100ms to 1h, found 2h")]
    [InlineData("[moniter]\nhttp = \"off\"", "1:2", "unknown key \"moniter\" in the file; did you mean \"monitor\"?")]
    [InlineData("[orders]\ncommand = \"x\"", "1:2", "unknown key \"orders\" in the file; services stand under [services.orders]")]
    [InlineData("services = 1", "1:12", "\"services\" must be a table, found the integer 1")]
    [InlineData("[services]\norders = \"x\"", "2:10", "\"orders\" must be a table, found the string \"x\"")]
    [InlineData("[[services.orders]]\ncommand = \"x\"", "1:12", "\"orders\" must be a table, found an array of tables ([[…]])")]
    [InlineData("[services.\"or.ders\"]\ncommand = \"x\"", "1:11", "\"or.ders\" is not a valid service name; a name is 1 to 64 letters, digits, \"_\" and \"-\"")]
    [InlineData("[alerts.\"\"]\ncommand = \"x\"", "1:9", "\"\" is not a valid alert name; a name is 1 to 64 letters, digits, \"_\" and \"-\"")]
    [InlineData("[alerts.ops]\nthrottle = \"1m\"", "1:9", "[alerts.ops] has none of command, webhook, email and alertmanager; give exactly one of them")]
    [InlineData("[alerts.ops]\ncommand = \"x\"\nwebhook = \"http://h\"", "3:11", "[alerts.ops] has both command and webhook; make a second alert for the second one")]
    [InlineData("[monitor]\notlp = \"collector:4318\"", "2:8", "\"otlp\" must be an address that begins with http:// or https://, found the string \"collector:4318\"")]
    [InlineData("[monitor]\notlp_interval = \"10ms\"", "2:17", "\"otlp_interval\" must be from 1s to 1h, found 10ms")]
    [InlineData("[monitor]\notlp_headers = \"A: b\"", "2:16", "\"otlp_headers\" must be a table of HTTP headers, found the string \"A: b\"")]
    [InlineData("[monitor]\notlp_headers = { \"A:\" = \"b\" }", "2:18", "\"A:\" cannot be the name of an HTTP header")]
    [InlineData("[monitor]\notlp_headers = { content-type = \"x\" }", "2:18", "the header content-type is set by Lifeline itself; remove it")]
    [InlineData("[monitor]\notlp_headers = { A = \"s3cret\\nB: c\" }", "2:22", "the value of the header A holds a line break or another control character")]
    [InlineData("[monitor]\notlp_headers = { last-modified = \"x\" }", "2:18", "the header last-modified in \"otlp_headers\" tells of a document and cannot be sent with a request; allowed are headers of requests, such as Authorization, and names of your own; remove it")]
    [InlineData("[monitor]\notlp_headers = { A = \"Bearer s\u00e9same\" }", "2:22", "the value of the header A in \"otlp_headers\" holds a character that is not ASCII; headers of HTTP hold ASCII only")]
    [InlineData("[monitor]\notlp_headers = { A = 1 }", "2:22", "\"A\" must be a string, found the integer 1")]
    [InlineData("[alerts.ops]\nwebhook = \"ftp://h\"", "2:11", "\"webhook\" must be an address that begins with http:// or https://, found the string \"ftp://h\"")]
    [InlineData("[alerts.ops]\ncommand = \"x\"\non = [\"dyed\"]", "3:7", "\"dyed\" in \"on\" is not one of \"died\", \"hung\", \"failed\", \"unhealthy\", \"reclaim_failed\", \"recovered\", \"monitor\"; did you mean \"died\"?")]
    [InlineData("[alerts.ops]\ncommand = \"x\"\non = [\"died\", \"died\"]", "3:15", "\"died\" is given twice in \"on\"")]
    [InlineData("[alerts.ops]\ncommand = \"x\"\non = []", "3:6", "\"on\" must not be empty")]
    [InlineData("[alerts.ops]\nemail = \"a@b\"\ncommand = \"x\"", "2:9", "[alerts.ops] has both command and email; make a second alert for the second one")]
    [InlineData("[alerts.ops]\nemail = \"nobody\"", "2:9", "\"nobody\" is no mail address")]
    [InlineData("[alerts.ops]\nemail = \"a@b\"\nfrom = \"x\"", "3:8", "\"x\" is no mail address; write from = \"lifeline@example.org\"")]
    [InlineData("[alerts.ops]\nemail = \"a@b\"\nsmtp = \"mail.example.org\"", "3:8", "\"smtp\" must be an address that begins with smtp:// or smtps://; write smtp = \"smtp://mail.example.org:587\"")]
    [InlineData("[alerts.ops]\nemail = \"a@b\"\nsmtp = \"smtps://h\"\ntls = \"none\"", "4:7", "smtps:// means TLS from the first byte, and tls says otherwise; write smtp://, or remove tls")]
    [InlineData("[alerts.ops]\ncommand = \"x\"\nformat = \"slack\"", "3:10", "[alerts.ops] has format and no webhook; format is for alerts with webhook")]
    [InlineData("[alerts.ops]\nwebhook = \"http://h\"\nformat = \"slack\"\ntemplate = \"{}\"", "4:12", "[alerts.ops] has both format and template; remove one of them")]
    [InlineData("[alerts.ops]\nwebhook = \"http://h\"\ntemplate = '{\"a\": \"{{txt}}\"}'", "3:12", "the template is wrong: there is no placeholder {{txt}}; there are id, alert, alert_id, rule, state, service, services, generation, title, text, count, host, at, since")]
    [InlineData("[alerts.ops]\ncommand = \"x\"\nservices = [\"ordres\"]\n[services.orders]\ncommand = \"x\"", "3:12", "no service matches \"ordres\"; did you mean \"orders\"?")]
    [InlineData("[defaults]\nrestrat = \"never\"", "2:1", "unknown key \"restrat\" in [defaults]; did you mean \"restart\"?")]
    [InlineData("[defaults.backoff]\nmin = \"1s\"", "2:1", "unknown key \"min\" in [defaults.backoff]")]
    [InlineData("include = \"x\"", "1:11", "\"include\" must be an array of strings, found the string \"x\"")]
    public void A_wrong_key_elsewhere_is_told_with_its_place(string text, string place, string message)
    {
        Assert.Equal([$"lifeline.toml:{place}: error: {message}"], folder.Errors(text));
    }

    [Fact]
    public void All_errors_are_told_at_once_in_the_order_of_the_lines()
    {
        var errors = folder.Errors("""
            [services.a]
            command = "x"
            restart = "sometimes"
            [services.b]
            comand = "x"
            [alerts.x]
            command = "y"
            nope = 1
            """);
        Assert.Equal(["lifeline.toml:3:11", "lifeline.toml:5:1", "lifeline.toml:8:1"], errors.Select(e => e[..e.IndexOf(": error", StringComparison.Ordinal)]));
    }

    [Fact]
    public void No_more_than_fifty_errors_are_listed_and_the_rest_is_counted()
    {
        var text = new StringBuilder("[services.a]\ncommand = \"x\"\n");
        for (var i = 0; i < 2000; i++) text.Append("zzzzzzzz").Append(i).Append(" = 1\n");
        var result = folder.Load(text.ToString());
        Assert.Null(result.Configuration);
        Assert.True(result.Errors.Count == 50, string.Join("|", result.Errors));
        Assert.Equal(1950, result.ErrorsOmitted);
        Assert.Equal(3, result.Errors[0].Line);
    }
}
