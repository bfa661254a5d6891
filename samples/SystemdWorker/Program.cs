using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// A .NET worker that knows nothing of Lifeline: AddSystemd() alone tells that it is ready and that it stops.
// It speaks only to a parent called "systemd": [monitor] present_as = "systemd", as in lifeline.toml beside this file.
var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddSystemd();
builder.Services.AddHostedService<Worker>();
await builder.Build().RunAsync();

internal sealed partial class Worker(ILogger<Worker> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Works(logger);
        await Task.Delay(Timeout.Infinite, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    [LoggerMessage(LogLevel.Warning, "the worker works")]
    private static partial void Works(ILogger logger);
}
