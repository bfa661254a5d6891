using Lifeline.Ipc;

namespace Lifeline.Contracts;

/// <summary>One two-way call to the monitor: token, request, reply.</summary>
internal static class MonitorCall
{
    /// <summary>What a call that waits for news may take beyond its wait.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    public static Parcel NewRequest()
    {
        var data = new Parcel();
        data.WriteInterfaceToken(ServiceMonitorCodes.Descriptor);
        return data;
    }

    /// <summary>Sends the request, disposes it, and returns the reply, which the caller disposes.</summary>
    public static async ValueTask<Parcel> CallAsync(IpcProxy proxy, uint code, Parcel data, TimeSpan? wait, CancellationToken cancellationToken)
    {
        using (data)
            return await proxy.CallAsync(code, data, wait + Grace, cancellationToken).ConfigureAwait(false);
    }

    public static async Task CallWithoutAnswerAsync(IpcProxy proxy, uint code, Parcel data, CancellationToken cancellationToken)
    {
        using var reply = await CallAsync(proxy, code, data, null, cancellationToken).ConfigureAwait(false);
    }
}
