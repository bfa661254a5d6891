using System.CommandLine;
using System.Net.Sockets;
using System.Text.Json;
using Lifeline.Configuration;
using Lifeline.Cli.Rendering;

namespace Lifeline.Cli.Commands;

/// <summary><c>lifeline dashboard</c>: prints a link that opens the dashboard in a browser, once.</summary>
internal static class DashboardCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static Command Create(CommandScope scope)
    {
        var json = JsonText.Option();
        var command = new Command("dashboard", "Print a link that opens the dashboard in a browser, signed in. It works once, within a minute.") { json };
        scope.SetAction(command, async (parsed, cancellation) =>
        {
            var places = scope.Places(parsed);
            var url = await AskForLinkAsync(places, cancellation).ConfigureAwait(false);
            scope.Context.Output.WriteLine(parsed.GetValue(json) ? JsonText.Object(link => link.WriteString("url", url)) : url);
            scope.Context.Say("open it in a browser within a minute; it works once");
            return ExitCode.Done;
        });
        return command;
    }

    // Over the Unix socket: the kernel tells the monitor who asks, and no secret is needed.
    private static async Task<string> AskForLinkAsync(Places places, CancellationToken cancellation)
    {
        using var client = new HttpClient(new SocketsHttpHandler { ConnectCallback = (_, ended) => ConnectAsync(places.HttpSocket, ended) }) { Timeout = Patience };
        try
        {
            using var response = await client.PostAsync("http://lifeline/api/v1/dashboard-links", content: null, cancellation).ConfigureAwait(false);
            await using var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            using var answer = await JsonDocument.ParseAsync(body, cancellationToken: cancellation).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
                return answer.RootElement.GetProperty("url").GetString()!;
            throw new CliException(ExitCode.Failed, answer.RootElement.GetProperty("detail").GetString() ?? "the monitor refused");
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.AccessDenied })
        {
            throw new CliException(ExitCode.Failed, $"permission denied at {places.HttpSocket}", null, e);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            throw NotServed(places, e);
        }
    }

    private static CliException NotServed(Places places, Exception e) => RunningMonitor.FindKeeper(places) is null
        ? new CliException(ExitCode.NoMonitor, $"no monitor is running ({places.HttpSocket} does not answer)", "start one with \"lifeline up\"; another run folder is named by --run-dir or LIFELINE_RUN_DIR", e)
        : new CliException(ExitCode.Failed, "the running monitor serves no dashboard", "http of [monitor] is \"off\", or --http off was given", e);

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
