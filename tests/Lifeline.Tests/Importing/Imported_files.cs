using Lifeline.Configuration;
using Lifeline.Tests.Cli;

namespace Lifeline.Tests.Importing;

/// <summary>What becomes of other supervisors' files, read back as the configuration that it is.</summary>
public sealed class Imported_files : IDisposable
{
    private readonly CommandRun command = new();

    public void Dispose() => command.Dispose();

    [Fact]
    public void Supervisords_programs_keep_what_is_run_and_how()
    {
        command.Variables["HOME"] = "/home/x";
        Directory.CreateDirectory(Path.Combine(command.Folder, "conf.d"));
        command.Write("conf.d/worker.conf", "[program:worker]\ncommand=sleep 1002\nautostart=no\nautorestart=false\n");
        var configuration = Import("supervisord.conf", """
            ; a comment
            [unix_http_server]
            file=/tmp/supervisor.sock
            [supervisord]
            environment=COMMON="yes",HOMEDIR="%(ENV_HOME)s"
            [program:web]
            command=/bin/sh -c "exec sleep 1000" ; the web
            directory=/tmp
            numprocs=2
            process_name=%(program_name)s_%(process_num)02d
            autorestart=true
            startsecs=3
            stopsignal=QUIT
            stopwaitsecs=5
            stdout_logfile_maxbytes=5MB
            stdout_logfile_backups=3
            environment=A="a, b",B=c,PRICE="5$${x}"
            priority=20
            [program:db]
            command=sleep 1001
            priority=10
            user=nobody
            umask=22
            exitcodes=0,2
            [group:shop]
            programs=web,db
            [include]
            files = conf.d/*.conf
            """);
        Assert.Equal(["db", "web.1", "web.2", "worker"], configuration.Services.Select(service => service.Name));
        var (db, web, worker) = (configuration.Services[0], configuration.Services[1], configuration.Services[3]);
        Assert.Equal(["/bin/sh", "-c", "exec sleep 1000"], web.Command);
        Assert.Equal("/tmp", web.WorkingDirectory);
        Assert.Equal(RestartRule.Always, web.Restart);
        Assert.Equal((3, TimeSpan.FromSeconds(5)), (web.Stop.Signal, web.Stop.Timeout));
        Assert.Equal(new LogSettings { MaxSize = 5 << 20, MaxFiles = 4 }, web.Log);
        Assert.Equal(new Dictionary<string, string> { ["A"] = "a, b", ["B"] = "c", ["COMMON"] = "yes", ["HOMEDIR"] = "/home/x", ["PRICE"] = "5$${x}" }, web.Environment);
        Assert.Equal("shop", web.Group);
        Assert.Equal(("nobody", RestartRule.OnFailure), (db.Identity!.User, db.Restart));
        Assert.Equal([0, 2], db.SuccessExitCodes);
        Assert.Equal((false, RestartRule.Never), (worker.Autostart, worker.Restart));
        Assert.Contains("# startsecs = 3: ", Written(), StringComparison.Ordinal);
        Assert.Contains("# [unix_http_server]: ", Written(), StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_of_a_Procfile_run_by_a_shell_each_with_its_port()
    {
        command.Write(".env", "A=b\n");
        var services = Import("Procfile", "web: exec sleep $PORT\n# comment\n\nworker: sleep 5; echo \"${HOME}\"\n").Services;
        Assert.Equal(["/bin/sh", "-c", "exec sleep $PORT"], services[0].Command);
        Assert.Equal(["/bin/sh", "-c", "sleep 5; echo \"${HOME}\""], services[1].Command);
        Assert.Equal(["5000", "5100"], services.Select(service => service.Environment["PORT"]));
        Assert.Equal("b", services[0].Environment["A"]);
        Assert.Equal(command.Folder, services[0].WorkingDirectory);
    }

    [Fact]
    public void Units_of_systemd_bring_their_sockets_dependencies_and_variables()
    {
        command.Write("db.service", "[Service]\nExecStart=/bin/sleep 1000\\\n 5\nRestart=always\n");
        command.Write("web.socket", "[Socket]\nListenStream=127.0.0.1:18080\nListenStream=/tmp/web.sock\n");
        command.Write("web.service", """
            [Unit]
            Description=The web
            After=db.service network.target
            Requires=db.service
            [Service]
            Type=notify
            ExecStartPre=-/bin/mkdir -p /tmp/x
            ExecStartPre=/bin/true
            ExecStart=/usr/bin/env sleep ${SECONDS_TO_SLEEP} $ARGS "a b" %p-$$
            ExecReload=/bin/kill -HUP $MAINPID
            Environment="SECONDS_TO_SLEEP=1000" ARGS=
            Restart=on-failure
            RestartSec=1min 30s
            TimeoutStopSec=5
            WatchdogSec=30s
            LimitNOFILE=65536
            MemoryMax=512M
            TasksMax=100
            User=nobody
            SuccessExitStatus=143 SIGKILL
            PrivateTmp=true
            """);
        var configuration = Load(command.Run("import", "web.service", "db.service", "web.socket"));
        var (web, db) = (configuration.Services[0], configuration.Services[1]);
        Assert.Equal(["/bin/sh", "-c", "exec /usr/bin/env sleep \"${SECONDS_TO_SLEEP}\" $ARGS 'a b' 'web-$'"], web.Command);
        Assert.Equal(["/bin/sh", "-c", "{ /bin/mkdir -p /tmp/x || true; } && exec /bin/true"], web.BeforeStart);
        Assert.Equal(["/bin/sleep", "1000", "5"], db.Command);
        Assert.Equal(["db"], web.DependsOn);
        Assert.Equal((ServiceReadiness.Status, RestartRule.OnFailure, 1), (web.Ready, web.Restart, web.ReloadSignal));
        Assert.Equal((TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(90)), (web.Backoff.Initial, web.Backoff.Max));
        Assert.Equal(TimeSpan.FromSeconds(30), web.Heartbeat);
        Assert.Equal(new LimitSettings { OpenFiles = 65536, Memory = 512 << 20, Processes = 100 }, web.Limits);
        Assert.Equal([0, 143], web.SuccessExitCodes);
        Assert.Equal(["127.0.0.1", "/tmp/web.sock"], web.Listen.Select(socket => socket.Address));
        Assert.Contains("# PrivateTmp=true: no equal", Written(), StringComparison.Ordinal);
    }

    [Fact]
    public void Apps_of_pm2_are_run_by_their_interpreter()
    {
        var services = Import("ecosystem.config.json", """
            {"apps":[
              {"name":"api","script":"./server.js","args":"--port 80 'a b'","instances":2,"exec_mode":"cluster","env":{"NODE_ENV":"production","N":3},
               "max_memory_restart":"300M","kill_timeout":3000,"max_restarts":7,"restart_delay":500,"watch":true,"cron_restart":"0 0 * * *"},
              {"name":"my job","script":"python3","args":["-m","http.server"],"interpreter":"none","autorestart":false}]}
            """).Services;
        Assert.Equal(["api.1", "api.2", "my-job"], services.Select(service => service.Name));
        Assert.Equal(["node", Path.Combine(command.Folder, "server.js"), "--port", "80", "a b"], services[0].Command);
        Assert.Equal(["-m", "http.server"], services[2].Command.Skip(1));
        Assert.Equal("python3", Path.GetFileName(services[2].Command[0]));
        Assert.Equal(new Dictionary<string, string> { ["N"] = "3", ["NODE_ENV"] = "production" }, services[0].Environment);
        Assert.Equal((300L << 20, 7, TimeSpan.FromSeconds(3)), (services[0].Limits.Memory, services[0].MaxRestarts, services[0].Stop.Timeout));
        Assert.Equal((TimeSpan.FromMilliseconds(500), 1.0), (services[0].Backoff.Initial, services[0].Backoff.Factor));
        Assert.Equal((2, RestartRule.Never), (services[2].Stop.Signal, services[2].Restart));
        Assert.Contains("# cron_restart = 0 0 * * *: no equal", Written(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"restart_delay\":500,\"exp_backoff_restart_delay\":100")]
    [InlineData("\"exp_backoff_restart_delay\":100,\"restart_delay\":500")]
    public void Of_two_delays_of_pm2_the_growing_one_counts_and_the_other_is_told(string delays)
    {
        var backoff = Assert.Single(Import("ecosystem.config.json", $$"""{"apps":[{"name":"api","script":"/bin/true",{{delays}}}]}""").Services).Backoff;
        Assert.Equal(TimeSpan.FromMilliseconds(100), backoff.Initial);
        Assert.NotEqual(1.0, backoff.Factor);
        Assert.Contains("# restart_delay = 500: exp_backoff_restart_delay counts more", Written(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_of_systemd_is_told_to_be_one()
    {
        Import("tick@.service", "[Service]\nExecStart=/bin/echo %i\n");
        Assert.Contains("# tick@.service: a template, ", Written(), StringComparison.Ordinal);
        Assert.Contains("tick@INSTANCE.service", Written(), StringComparison.Ordinal);
        Import("tock@noon.service", "[Service]\nExecStart=/bin/echo %i\n", "--force");
        Assert.DoesNotContain("template", Written(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_working_folder_that_may_be_missing_is_told_to_be_needed()
    {
        Assert.Equal("/tmp", Assert.Single(Import("a.service", "[Service]\nExecStart=/bin/true\nWorkingDirectory=-/tmp\n").Services).WorkingDirectory);
        Assert.Contains("# WorkingDirectory=-/tmp: systemd starts it in / where that folder is missing", Written(), StringComparison.Ordinal);
    }

    [Fact]
    public void Processes_of_process_compose_bring_probes_and_conditions()
    {
        command.Variables["WHO"] = "me";
        var configuration = Import("process-compose.yaml", """
            version: "0.5"
            environment: ["GLOBAL=1"]
            processes:
              db:
                command: "sleep 1000"
                readiness_probe: {exec: {command: "true"}, period_seconds: 2, failure_threshold: 4}
                shutdown: {signal: 2, timeout_seconds: 3}
              web:
                command: "echo $$HOME ${WHO}$UNSET; sleep 1001"
                working_dir: ./sub
                environment:
                  - "A=b"
                depends_on: {db: {condition: process_healthy}}
                availability: {restart: on_failure, backoff_seconds: 2, max_restarts: 4, exit_on_end: true}
                liveness_probe: {http_get: {host: 127.0.0.1, port: 8080, path: /x}}
            """);
        var (db, web) = (configuration.Services[0], configuration.Services[1]);
        Assert.Equal(["bash", "-c", "echo $HOME me; sleep 1001"], web.Command);
        Assert.Equal((ServiceReadiness.Probe, RestartRule.Never, 2), (db.Ready, db.Restart, db.Stop.Signal));
        Assert.Equal((TimeSpan.FromSeconds(2), 4), (db.ReadyProbe!.Interval, db.ReadyProbe.Failures));
        Assert.Equal(["bash", "-c", "true"], db.ReadyProbe.Exec);
        Assert.Equal(new Uri("http://127.0.0.1:8080/x"), web.Probe!.Http);
        Assert.Equal((RestartRule.OnFailure, 4, TimeSpan.FromSeconds(2)), (web.Restart, web.MaxRestarts, web.Backoff.Initial));
        Assert.Equal(new Dictionary<string, string> { ["A"] = "b", ["GLOBAL"] = "1" }, web.Environment);
        Assert.Equal(["db"], web.DependsOn);
        Assert.Equal("web", configuration.Monitor.ExitWith);
    }

    [Fact]
    public void Units_of_systemd_are_changed_by_the_folders_beside_them()
    {
        Directory.CreateDirectory(Path.Combine(command.Folder, "api.service.d"));
        command.Write("api.service.d/20-late.conf", "[Service]\nEnvironment=B=late\nExecStart=\nExecStart=/bin/true late\n");
        command.Write("api.service.d/10-early.conf", "[Service]\nEnvironment=B=early\nMemoryMax=1G\n[Unit]\nStartLimitBurst=7\n");
        command.Write("api.service.d/ignored.txt", "not a drop-in");
        var service = Assert.Single(Import("api.service", """
            [Service]
            Environment=A=1 B=2
            MemoryMax=512M
            ExecStart=/bin/false
            """).Services);
        Assert.Equal(["/bin/true", "late"], service.Command);
        Assert.Equal(new Dictionary<string, string> { ["A"] = "1", ["B"] = "late" }, service.Environment);
        Assert.Equal((1L << 30, 7), (service.Limits!.Memory, service.MaxRestarts));
        Assert.Contains("# api.service, api.service.d/10-early.conf, api.service.d/20-late.conf\n", File.ReadAllText(Path.Combine(command.Folder, "lifeline.toml")), StringComparison.Ordinal);
    }

    [Fact]
    public void Processes_of_process_compose_take_over_what_others_have()
    {
        var services = Import("process-compose.yaml", """
            x-common: &common
              command: sleep 1000
              availability: { restart: always }
            x-place: &place { working_dir: /tmp, environment: ["A=1"] }
            processes:
              web: &web
                <<: [*common, *place]
                environment: ["A=2"]
              db:
                <<: *web
                command: sleep 1001
              shown:
                command: echo "<<"
            """).Services;
        Assert.Equal(["web", "db", "shown"], services.Select(service => service.Name));
        var (web, db) = (services[0], services[1]);
        Assert.Equal(["bash", "-c", "sleep 1000"], web.Command);
        Assert.Equal(("/tmp", RestartRule.Always, "2"), (web.WorkingDirectory, web.Restart, web.Environment["A"]));
        Assert.Equal(["bash", "-c", "sleep 1001"], db.Command);
        Assert.Equal(("/tmp", RestartRule.Always, "2"), (db.WorkingDirectory, db.Restart, db.Environment["A"]));
        Assert.DoesNotContain("x-common", File.ReadAllText(Path.Combine(command.Folder, "lifeline.toml")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing.txt", "hello", "--format")]
    [InlineData("Procfile", "no colon here", "Procfile:1: not \"name: command\"")]
    [InlineData("ecosystem.config.js", "module.exports = {}", "JSON.stringify")]
    [InlineData("x.yaml", "a: [", "no YAML")]
    [InlineData("x.yaml", "a: 1", "has no processes")]
    [InlineData("x.service", "[Unit]\n", "has no [Service]")]
    [InlineData("x.service", "[Service]\nUser=a\n", "has no ExecStart")]
    [InlineData("x.conf", "[program:a]\nuser=b\n", "has no command")]
    [InlineData("x.conf", "[program:a]\ncommand='b\n", "a quote is not closed")]
    public void What_cannot_be_read_is_told_and_nothing_is_written(string file, string text, string message)
    {
        command.Write(file, text);
        var (code, _, error) = command.Run("import", file);
        Assert.Equal(2, code);
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(command.Folder, "lifeline.toml")));
    }

    [Fact]
    public void A_file_that_is_there_is_not_written_over_unless_told_to()
    {
        command.Write("Procfile", "web: x\n");
        command.Write("lifeline.toml", "mine");
        Assert.Equal(1, command.Run("import", "Procfile").ExitCode);
        Assert.Equal("mine", Written());
        Assert.Equal(0, command.Run("import", "Procfile", "--force").ExitCode);
        Assert.Contains("[services.web]", Written(), StringComparison.Ordinal);
        var (code, output, _) = command.Run("import", "Procfile", "-o", "-");
        Assert.Equal(0, code);
        Assert.Equal(Written(), output);
    }

    private string Written() => File.ReadAllText(Path.Combine(command.Folder, "lifeline.toml"));

    private LifelineConfiguration Import(string file, string text, params string[] options)
    {
        command.Write(file, text);
        return Load(command.Run(["import", file, .. options]));
    }

    private LifelineConfiguration Load((int ExitCode, string Output, string Error) run)
    {
        Assert.True(run.ExitCode == 0, run.Error);
        var loaded = ConfigurationLoader.Load(Path.Combine(command.Folder, "lifeline.toml"), command.Variables);
        Assert.True(loaded.Errors.Count == 0, string.Join('\n', loaded.Errors) + "\n" + Written());
        return loaded.Configuration!;
    }
}
