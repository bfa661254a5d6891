using Lifeline.Ipc.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc.Dispatch;

/// <summary>What happens to a request besides being handled: nothing of it unless asked for.</summary>
internal static class RequestHooks
{
    /// <summary>Asks the permissions of a stub.</summary>
    /// <exception cref="IpcException">The caller may not.</exception>
    internal static void Demand(IpcStub stub, uint code, CallContext context, CodeRow? row, ILogger logger)
    {
        if (code > IpcProxy.MaxCode)
            return;
        string? refusal;
        try
        {
            refusal = stub.Permissions!.Refusal(code, context.Caller);
        }
        catch (Exception e)
        {
            // Without a decision nobody is let in.
            logger.LogError(e, "The permission rule of {Descriptor} for code {Code} failed for {Caller}", stub.Descriptor, code, context.Caller);
            refusal = "the decision about this call failed";
        }

        if (refusal is null)
            return;
        row?.NoteRefusal();
        context.Session?.NoteRefusal();
        long omitted = 0;
        if (context.Session is null || context.Session.Endpoint.RefusalLog.TryTake(out omitted))
            logger.LogWarning("{Caller} may not call code {Code} of {Descriptor}: {Why} ({Omitted} such messages were left out)", context.Caller, code, stub.Descriptor, refusal, omitted);
        throw new IpcException(IpcError.PermissionDenied, $"Code {code} of {stub.Descriptor} is refused: {refusal}");
    }
}
