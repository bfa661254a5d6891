namespace Lifeline.Configuration;

/// <summary>Every key there is. A key of a later version is listed too, so that it can be refused by name.</summary>
internal static class KeyTable
{
    private const double Second = 1000;
    private const double Minute = 60 * Second;
    private const double Hour = 60 * Minute;
    private const double Day = 24 * Hour;
    private const double Gibibyte = 1L << 30;

    public static KeySection Monitor { get; } = new("[monitor]",
    [
        new("http", KeyType.HttpAddress, "\"127.0.0.1:7070\"", "Address and port of the dashboard and API, or `\"off\"`. Port 0 takes a free one. If nobody wrote the key and the port is busy, a free one is taken too.", "\"127.0.0.1:8080\""),
        new("http_hosts", KeyType.Texts, "[]", "Names beside the machine's own under which browsers reach the dashboard; requests that name another host are refused. The first one stands in the links that are printed.", "[\"status.example.org\"]"),
        new("tls_certificate", KeyType.Path, null, "PEM file of the certificate for https, followed by those it was signed with; relative to the file.", "\"/etc/lifeline/tls.pem\""),
        new("tls_key", KeyType.Path, null, "PEM file of its key; without it the key is in the certificate's file.", "\"/etc/lifeline/tls.key\""),
        new("otlp", KeyType.WebAddress, null, "A receiver of OpenTelemetry's protocol (OTLP over HTTP) to which the metrics are sent, also with `http = \"off\"`; without a path `/v1/metrics` is meant.", "\"http://127.0.0.1:4318/v1/metrics\""),
        new("otlp_interval", KeyType.Duration, "\"60s\"", "From one export to the next.", "\"15s\"") { Range = new(Second, Hour) },
        new("otlp_headers", KeyType.Headers, "{}", "HTTP headers sent with each export, by name. Write a secret as `${VARIABLE}`.", "{ Authorization = \"Bearer ${OTLP_TOKEN:-}\" }"),
        new("allow_users", KeyType.Users, "[]", "Users, by name or number, who may give orders, beside root and the monitor's own user.", "[\"deploy\", 1001]"),
        new("present_as", KeyType.Choice, "\"lifeline\"", "The process name that services see as their parent's; .NET's `AddSystemd()` speaks only to `\"systemd\"`.", "\"systemd\"") { Values = ["lifeline", "systemd"] },
        new("shutdown_timeout", KeyType.Duration, "\"30s\"", "How long the stop of everything may take; what is left then is killed.", "\"1m\"") { Range = new(100, Hour) },
        new("journal_max_age", KeyType.Duration, "\"720h\"", "Events older than this are deleted.", "\"2160h\"") { Range = new(Minute, 3660 * Day) },
        new("journal_max_size", KeyType.Size, "\"256MiB\"", "What the journal may hold; beyond it the oldest events are deleted.", "\"64MiB\"") { Range = new(1 << 20, 64 * Gibibyte) },
        new("exit_with", KeyType.Text, null, "A service: when it has ended and is not started again, everything is stopped and `lifeline up` ends with its exit code.", "\"web\""),
    ]);

    public static KeySection Backoff { get; } = new("[services.NAME.backoff]",
    [
        new("initial", KeyType.Duration, "\"100ms\"", "Delay of the second restart; the first is immediate.", "\"500ms\"") { Range = new(0, Hour) },
        new("max", KeyType.Duration, "\"30s\"", "The longest delay.", "\"1m\"") { Range = new(0, Day) },
        new("factor", KeyType.Float, "2.0", "Each delay is the one before times this.", "1.5") { Range = new(1, 100) },
        new("jitter", KeyType.Float, "0.1", "The part of a delay that is random: 0.1 varies it by up to 10 %.", "0.0") { Range = new(0, 1) },
        new("reset_after", KeyType.Duration, "\"60s\"", "After so long of stable running the delays begin anew.", "\"5m\"") { Range = new(0, Day) },
    ]);

    public static KeySection Stop { get; } = new("[services.NAME.stop]",
    [
        new("signal", KeyType.Signal, "\"TERM\"", "The signal that asks the main process to end: a name with or without SIG, or a number.", "\"INT\""),
        new("timeout", KeyType.Duration, "\"10s\"", "How long it may take; then the whole process tree is killed.", "\"30s\"") { Range = new(0, Hour) },
        new("hung_signal", KeyType.Signal, "\"ABRT\"", "The signal that ends a service that hangs; what does not die of it is killed.", "\"KILL\""),
    ]);

    public static KeySection Reclaim { get; } = new("[services.NAME.reclaim]",
    [
        new("paths", KeyType.ReclaimPaths, "[]", "Files and sockets to remove after a death, relative to the file; the last part may hold `*`, `?` and `[…]`. Only what belongs to the service's user and is held by no living process is removed.", "[\"/run/orders.sock\", \"/dev/shm/orders-*\"]"),
        new("sysv_ipc", KeyType.Boolean, "false", "Also remove the System V shared memory that its dead processes made and nobody is attached to; semaphores and queues only if its `user` is its alone.", "true"),
        new("posix_shm", KeyType.Boolean, "false", "Also remove the POSIX shared memory (files in /dev/shm) that it made, was seen to hold, and nobody holds now.", "true"),
        new("found", KeyType.Boolean, "true", "Look now and then at what it holds, and after a death remove the Unix sockets and lock files that it made and nobody holds now.", "false"),
        new("command", KeyType.Command, null, "Run after a death, told of it in `LIFELINE_DEATH_*` variables.", "[\"./cleanup\"]"),
        new("timeout", KeyType.Duration, "\"10s\"", "How long the reclaim, with its command, may take.", "\"30s\"") { Range = new(10, 10 * Minute) },
    ]);

    public static KeySection Log { get; } = new("[services.NAME.log]",
    [
        new("max_size", KeyType.Size, "\"10MiB\"", "Most bytes of one file of output; the next is begun before, at the end of a line.", "\"1MiB\"") { Range = new(1024, 1024 * Gibibyte) },
        new("max_files", KeyType.Integer, "5", "Files kept of each stream, the current one included. All files of both streams together never take more than max_size × max_files.", "10") { Range = new(1, 1000) },
    ]);

    public static KeySection Limits { get; } = new("[services.NAME.limits]",
    [
        new("nofile", KeyType.Integer, null, "Open files of each process.", "4096") { Range = new(8, 1_073_741_816) },
        new("memory", KeyType.SizeOrBytes, null, "Memory of all its processes together; a service that needs more dies of `memory_limit`.", "\"512MiB\"") { Range = new(1 << 20, 1024 * Gibibyte) },
        new("processes", KeyType.Integer, null, "Processes and threads it may have at once: the kernel refuses more, where `lifeline doctor` finds a pids controller; elsewhere a service that has more dies of `process_limit`.", "100") { Range = new(1, 4_194_304) },
        new("core", KeyType.SizeOrBytes, null, "Size of a core file; 0 for none.", "0") { Range = new(0, 1024 * Gibibyte) },
    ]);

    public static KeySection Probe { get; } = new("[services.NAME.probe]",
    [
        new("http", KeyType.WebAddress, null, "Asked with GET; an answer from 200 to 399 is good.", "\"http://127.0.0.1:8080/healthz\""),
        new("tcp", KeyType.Address, null, "Host and port; a connection that is accepted is good.", "\"127.0.0.1:8080\""),
        new("exec", KeyType.Command, null, "Run as the service would be; exit code 0 is good.", "[\"./check\"]"),
        new("interval", KeyType.Duration, "\"10s\"", "From one probe to the next.", "\"1s\"") { Range = new(100, Day) },
        new("timeout", KeyType.Duration, "\"2s\"", "No answer for so long is a failure.", "\"500ms\"") { Range = new(10, Hour) },
        new("failures", KeyType.Integer, "3", "Failures in a row that count.", "5") { Range = new(1, 1000) },
        new("successes", KeyType.Integer, "1", "Successes in a row that count.", "2") { Range = new(1, 1000) },
        new("action", KeyType.Choice, "\"restart\"", "What follows: it is killed and restarted, or only shown as unhealthy.", "\"report\"") { Values = ["restart", "report"] },
    ]);

    public static KeySection ReadyProbe { get; } = new("[services.NAME.ready_probe]", 
    [
        .. Probe.Keys.Where(key => key.Name != "action"),
        new("action", KeyType.Choice, "\"restart\"", "May stand here as in a probe and changes nothing: what is not ready in `ready_timeout` is killed.", "\"restart\"") { Values = ["restart", "report"] },
    ]);

    public static KeySection Listen { get; } = new("[services.NAME.listen.SOCKET]",
    [
        new("tcp", KeyType.Address, null, "Address and port.", "\"127.0.0.1:8080\""),
        new("udp", KeyType.Address, null, "Address and port.", "\"127.0.0.1:8125\""),
        new("unix", KeyType.Path, null, "Path of a stream socket, relative to the file.", "\"/run/orders.sock\""),
    ]);

    public static KeySection Group { get; } = new("[groups.NAME]",
    [
        new("strategy", KeyType.Choice, "\"one_for_one\"", "Who is restarted when a member has died: itself, all members, or itself and those after it in the file.", "\"one_for_all\"") { Values = ["one_for_one", "one_for_all", "rest_for_one"] },
        new("max_restarts", KeyType.Integer, "5", "Restarts allowed within `restart_window`; one more and the whole group is failed. Not used by `one_for_one`, whose members have budgets of their own.", "10") { Range = new(0, 1_000_000) },
        new("restart_window", KeyType.Duration, "\"60s\"", "The window of `max_restarts`.", "\"10m\"") { Range = new(10, 30 * Day) },
    ]);

    public static KeySection Service { get; } = new("[services.NAME]",
    [
        new("command", KeyType.Command, null, "Program and arguments; or one string, run by `/bin/sh -c`. The only key that must be given.", "[\"dotnet\", \"Orders.dll\"]"),
        new("cwd", KeyType.Folder, "\".\"", "Working folder, relative to the file.", "\"app\""),
        new("env", KeyType.Variables, "{}", "Environment variables; they win over `env_file` and `inherit_env`.", "{ A = \"b\" }"),
        new("env_file", KeyType.EnvironmentFile, null, "File of `NAME=VALUE` lines, relative to the file.", "\"orders.env\""),
        new("inherit_env", KeyType.VariableNames, "[\"PATH\", \"HOME\", \"LANG\", \"TZ\", \"USER\"]", "Names taken over from the environment of `lifeline up`; nothing else is inherited.", "[\"PATH\", \"JAVA_HOME\"]"),
        new("user", KeyType.User, null, "User to run as, by name or number.", "\"shop\""),
        new("unix_group", KeyType.Group, null, "Group to run as, by name or number; without it the user's own.", "\"shop\""),
        new("umask", KeyType.Umask, "\"022\"", "File mode creation mask, octal.", "\"077\""),
        new("private_tmp", KeyType.Boolean, "false", "Each start gets an empty folder for temporary files of its own (mode 0700), told as `TMPDIR`; it is removed with everything in it when nothing of that start lives any more.", "true"),
        new("nice", KeyType.Integer, "0", "Scheduling niceness: the higher, the less it gets on a busy machine.", "5") { Range = new(-20, 19) },
        new("limits", KeyType.Table, null, "Limits of open files, memory, processes and core files.", "{ nofile = 4096, memory = \"512MiB\" }") { Section = Limits },
        new("autostart", KeyType.Boolean, "true", "Started by `up`; otherwise only by `lifeline start`.", "false"),
        new("instances", KeyType.Integer, "1", "How many of it run; more than one are called NAME.1 … NAME.N, and NAME in an order means all of them.", "4") { Range = new(1, 1000) },
        new("ready", KeyType.Choice, "\"exec\"", "When it counts as ready: as soon as its program was executed, when it says so, or when its probe succeeds; with `ready_probe` the last is the default.", "\"status\"") { Values = ["exec", "status", "probe"] },
        new("ready_timeout", KeyType.Duration, "\"30s\"", "How long it may take to be ready; then the start has failed.", "\"2m\"") { Range = new(10, Day) },
        new("heartbeat", KeyType.Duration, null, "No sign of life for so long means it hangs: it is killed and restarted.", "\"10s\"") { Range = new(10, Day) },
        new("notify_socket", KeyType.Choice, "\"private\"", "Who may write to its notify socket: root and its user; or with `\"open\"` everybody, for a server that is started as root and becomes another user by itself before it says that it is ready. Who speaks is looked at all the same.", "\"open\"") { Values = ["private", "open"] },
        new("status_events", KeyType.Duration, "\"1s\"", "The least spacing of text and field changes as events.", "\"250ms\"") { Range = new(0, Hour) },
        new("depends_on", KeyType.Texts, "[]", "Services that are ready before it is started, and stopped after it. It is not restarted with them.", "[]"),
        new("before_start", KeyType.Command, null, "Must succeed before each start.", "[\"./migrate\"]"),
        new("after_stop", KeyType.Command, null, "Run after each end, when nothing of it lives any more.", "[\"./tidy\"]"),
        new("restart", KeyType.Choice, "\"always\"", "After which ends it is started again.", "\"on-failure\"") { Values = ["always", "on-failure", "never"] },
        new("success_exit_codes", KeyType.Integers, "[0]", "Exit codes that are no failure.", "[0, 143]") { Range = new(0, 255) },
        new("backoff", KeyType.Table, null, "Delays between restarts.", "{ initial = \"1s\", max = \"1m\" }") { Section = Backoff },
        new("max_restarts", KeyType.Integer, "5", "Restarts allowed within `restart_window`; one more and it is failed, with an alert.", "10") { Range = new(0, 1_000_000) },
        new("restart_window", KeyType.Duration, "\"60s\"", "The window of `max_restarts`.", "\"10m\"") { Range = new(10, 30 * Day) },
        new("failed_retry", KeyType.DurationOrNever, "\"5m\"", "When a failed service is tried again, doubling to 1h; or `\"never\"`.", "\"never\"") { Range = new(10, Day) },
        new("stop", KeyType.Table, null, "How it is stopped.", "{ signal = \"INT\", timeout = \"30s\" }") { Section = Stop },
        new("reload_signal", KeyType.Signal, null, "The signal that makes it read its own configuration again.", "\"HUP\""),
        new("update", KeyType.Choice, "\"replace\"", "How a restart by an order or a reload goes: the old one ends first; or `\"overlap\"`: the new one is ready before the old one is asked to stop. Needs `ready = \"status\"`, or `\"probe\"` with a command (`exec`).", "\"replace\"") { Values = ["replace", "overlap"] },
        new("group", KeyType.Text, null, "Services of one group share a strategy (`[groups.NAME]`).", "\"shop\""),
        new("probe", KeyType.Table, null, "Liveness: asked from outside, counts once it is ready.", "{ tcp = \"127.0.0.1:8080\" }") { Section = Probe },
        new("ready_probe", KeyType.Table, null, "Readiness, for `ready = \"probe\"`; without it `probe` is asked.", "{ tcp = \"127.0.0.1:8080\", interval = \"250ms\" }") { Section = ReadyProbe },
        new("listen", KeyType.TablesByName, null, "Listening sockets that are handed over by LISTEN_FDS and outlive the service.", "{ http = { tcp = \"127.0.0.1:8080\" } }") { Section = Listen },
        new("reclaim", KeyType.Table, null, "What is cleaned up after a death, beside the process tree.", "{ paths = [\"/run/orders.sock\"] }") { Section = Reclaim },
        new("log", KeyType.Table, null, "Rotation of its output.", "{ max_size = \"1MiB\", max_files = 3 }") { Section = Log },
    ]);

    public static KeySection Alert { get; } = new("[alerts.NAME]",
    [
        new("command", KeyType.Command, null, "Run for each alert, which it gets as JSON on its standard input.", "[\"./page\", \"ops\"]"),
        new("webhook", KeyType.WebAddress, null, "Each alert is posted there as JSON, and again until it is accepted.", "\"https://example.org/hook\""),
        new("email", KeyType.Text, null, "Each alert is sent there as mail; several addresses are separated by commas.", "\"ops@example.org\""),
        new("alertmanager", KeyType.WebAddress, null, "A Prometheus Alertmanager, which is told of everything that is open, and of its end.", "\"http://127.0.0.1:9093\""),
        new("format", KeyType.Choice, "\"json\"", "The JSON that the webhook expects: Lifeline's own, or that of a chat.", "\"slack\"") { Values = ["json", "slack", "teams", "discord"] },
        new("template", KeyType.Text, null, "JSON of your own for the webhook, with placeholders such as `{{text}}`.", "'{\"msg\": \"{{text}}\"}'"),
        new("smtp", KeyType.Text, "\"smtp://localhost:25\"", "The server that takes the mail: `smtp://USER:PASSWORD@HOST:PORT`, or `smtps://` for TLS from the first byte. Write the password as `${VARIABLE}`.", "\"smtp://mail.example.org:587\""),
        new("tls", KeyType.Choice, "\"auto\"", "TLS to the mail server. `auto`: if it offers it, and never a password without it, except to this machine itself.", "\"starttls\"") { Values = ["auto", "starttls", "implicit", "none"] },
        new("tls_ca", KeyType.Path, null, "PEM file of the authorities that may have signed the mail server's certificate, in the place of those that the machine trusts; relative to the file.", "\"/etc/lifeline/mail-ca.pem\""),
        new("from", KeyType.Text, null, "The sender of the mail; by default lifeline at this machine.", "\"lifeline@example.org\""),
        new("on", KeyType.Choices, "[\"died\", \"hung\", \"failed\", \"unhealthy\", \"reclaim_failed\", \"recovered\"]", "What it is raised for. `monitor`: Lifeline's own monitor or keeper died and was replaced.", "[\"failed\", \"recovered\", \"monitor\"]") { Values = AlertRules.All },
        new("services", KeyType.ServicePatterns, "[\"*\"]", "Services it is about; `*` and `?` match as in a shell.", "[\"orders\", \"db-*\"]"),
        new("for", KeyType.Duration, "\"0s\"", "How long something must hold before it is told; what is over sooner is never told.", "\"5m\"") { Range = new(0, 30 * Day) },
        new("group_wait", KeyType.Duration, "\"1s\"", "How long an alert waits for others of its kind, to go with them as one message.", "\"10s\"") { Range = new(0, Hour) },
        new("throttle", KeyType.Duration, "\"1m\"", "The least time between two alerts of one kind about one service.", "\"10m\"") { Range = new(0, 30 * Day) },
    ]);

    public static KeySection Root { get; } = new("the file",
    [
        new("include", KeyType.Texts, "[]", "More files, relative to this one; `*`, `?` and `[…]` match as in a shell. Their services come before those of this file.", "[\"conf.d/*.toml\"]"),
        new("monitor", KeyType.Table, null, "Settings of Lifeline itself; in one file only.", "{ shutdown_timeout = \"1m\" }") { Section = Monitor },
        new("defaults", KeyType.Table, null, "Any keys of a service: what services have that do not say otherwise; in one file only.", "{ restart = \"on-failure\" }") { Section = Service },
        new("services", KeyType.TablesByName, null, "The services, by name.", "{ orders = { command = \"./orders\" } }") { Section = Service },
        new("groups", KeyType.TablesByName, null, "Groups of services and their strategies.", "{ shop = { strategy = \"one_for_all\" } }") { Section = Group },
        new("alerts", KeyType.TablesByName, null, "Whom to tell, by name.", "{ ops = { command = \"./page\" } }") { Section = Alert },
    ]);

    /// <summary>All sections, in the order in which the guide shows them.</summary>
    public static IReadOnlyList<KeySection> Sections { get; } = [Root, Monitor, Service, Limits, Backoff, Stop, Probe, ReadyProbe, Listen, Reclaim, Log, Group, Alert];

}
