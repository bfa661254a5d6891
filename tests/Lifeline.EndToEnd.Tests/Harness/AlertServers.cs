using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Lifeline.EndToEnd.Tests.Harness;

/// <summary>A program that is ended with the test.</summary>
internal abstract class ServerProcess : IDisposable
{
    private readonly Process _process;

    protected ServerProcess(string program, (string Name, string Text)? file, params string[] arguments)
    {
        Folder = Directory.CreateTempSubdirectory("lifeline-server-").FullName;
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Folder };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument.Replace("{folder}", Folder, StringComparison.Ordinal));
        if (file is { } given)
            File.WriteAllText(Path.Combine(Folder, given.Name), given.Text);
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Said.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => Said.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Folder { get; }

    public ConcurrentQueue<string> Said { get; } = new();

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    protected Task ListeningAsync(int port) => Eventually.TrueAsync(
        async () =>
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        },
        () => $"nothing listens at {port}: {string.Join('\n', Said)}");

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>Debian's aiosmtpd; it wants a password and writes each mail into a file.</summary>
internal sealed class MailServer : ServerProcess
{
    private const string Program = """
        import sys, time, os, ssl, warnings
        warnings.simplefilter('ignore')
        from aiosmtpd.controller import Controller
        from aiosmtpd.smtp import AuthResult
        folder = sys.argv[2]
        class Handler:
            n = 0
            async def handle_DATA(self, server, session, envelope):
                Handler.n += 1
                name = os.path.join(folder, 'mail%d' % Handler.n)
                with open(name + '.new', 'wb') as f:
                    f.write(('X-Login: %s\r\nX-To: %s\r\n' % (session.auth_data, ','.join(envelope.rcpt_tos))).encode() + envelope.original_content)
                os.rename(name + '.new', name)
                return '250 taken as mail %d' % Handler.n
        def check(server, session, envelope, mechanism, data):
            ok = data.login == b'shop' and data.password == b'secret'
            return AuthResult(success=ok, auth_data=data.login.decode())
        settings = dict(authenticator=check, auth_required=True, auth_require_tls=False)
        if len(sys.argv) > 3:
            # Also a client's: the controller tries its own port once.
            context = ssl.SSLContext(ssl.PROTOCOL_TLS)
            context.load_cert_chain(sys.argv[4])
            if sys.argv[3] == 'implicit': settings['ssl_context'] = context
            else: settings.update(tls_context=context, require_starttls=True, auth_require_tls=True)
        Controller(Handler(), hostname='127.0.0.1', port=int(sys.argv[1]), **settings).start()
        while True: time.sleep(1000)
        """;

    private MailServer(int port, string[] protection) : base("/usr/bin/python3", null, ["-c", Program, port.ToString(System.Globalization.CultureInfo.InvariantCulture), "{folder}", .. protection]) => Port = port;

    public int Port { get; }

    /// <remarks><paramref name="protection"/>: nothing, or <c>starttls</c> or <c>implicit</c> and a PEM file of certificate and key.</remarks>
    public static async Task<MailServer> StartAsync(params string[] protection)
    {
        var server = new MailServer(FreePort(), protection);
        await server.ListeningAsync(server.Port);
        return server;
    }

    public IReadOnlyList<string> Mails() => [.. Directory.GetFiles(Folder, "mail*").Where(file => !file.EndsWith(".new", StringComparison.Ordinal)).Order().Select(File.ReadAllText)];
}

/// <summary>The real Alertmanager, which tells a receiver in this process.</summary>
internal sealed class Alertmanager : ServerProcess
{
    private readonly HttpReceiver _receiver;

    private Alertmanager(int port, HttpReceiver receiver) : base(
        "prometheus-alertmanager", ("am.yml", Configuration(receiver)),
        "--config.file={folder}/am.yml", "--storage.path={folder}/data", $"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=")
    {
        Port = port;
        _receiver = receiver;
    }

    public int Port { get; }

    public static async Task<Alertmanager> StartAsync(HttpReceiver receiver)
    {
        var server = new Alertmanager(FreePort(), receiver);
        await server.ListeningAsync(server.Port);
        return server;
    }

    /// <summary>Labels of what it takes for open now.</summary>
    public async Task<JsonElement[]> OpenAsync()
    {
        using var client = new HttpClient();
        var text = await client.GetStringAsync(new Uri($"http://127.0.0.1:{Port}/api/v2/alerts?active=true"));
        return [.. JsonDocument.Parse(text).RootElement.EnumerateArray()];
    }

    public IReadOnlyList<JsonElement> Told() => [.. _receiver.Bodies.Select(body => JsonDocument.Parse(body).RootElement)];

    private static string Configuration(HttpReceiver receiver) => $"""
        route:
          receiver: test
          group_by: [alertname]
          group_wait: 2s
          group_interval: 1s
          repeat_interval: 1h
        receivers:
          - name: test
            webhook_configs:
              - url: {receiver.Url}
                send_resolved: true
        """;
}

/// <summary>Takes posts and remembers their bodies.</summary>
internal sealed class HttpReceiver : IDisposable
{
    private readonly HttpListener _listener = new();

    public HttpReceiver()
    {
        Url = $"http://127.0.0.1:{ServerProcess.FreePort()}/";
        _listener.Prefixes.Add(Url);
        _listener.Start();
        _ = Task.Run(ServeAsync);
    }

    public string Url { get; }

    public ConcurrentQueue<string> Bodies { get; } = new();

    /// <summary>The same as they came.</summary>
    public ConcurrentQueue<byte[]> Raw { get; } = new();

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                Raw.Enqueue(body.ToArray());
                Bodies.Enqueue(Encoding.UTF8.GetString(body.ToArray()));
                context.Response.StatusCode = 200;
                context.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
