using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc.Dispatch;

/// <summary>Which error numbers a handler may answer.</summary>
internal static class HandlerErrors
{
    /// <summary>Passes the kit's numbers, Lifeline's and the user's range; everything else becomes <see cref="IpcError.InvalidUserCode"/>.</summary>
    internal static IpcException Filter(IpcException answered)
    {
        IpcError error = answered.Error;
        if (error is > IpcError.None and <= IpcError.LimitReached || IpcErrorRanges.IsKit(error) || IpcErrorRanges.IsUserDefined(error))
            return answered;
        return new IpcException(
            IpcError.InvalidUserCode,
            $"The handler answered error {(int)error}; its own must be {IpcErrorRanges.UserMin} to {IpcErrorRanges.UserMax}. Its message: {answered.Message}");
    }

    /// <summary>What the caller is told of a handler's failure.</summary>
    internal static IpcException Describe(Exception failure, IpcStub stub, uint code, CallerIdentity caller, ILogger logger)
    {
        if (failure is IpcException answered)
            return Filter(answered);
        if (failure is OperationCanceledException)
            return new IpcException(IpcError.Cancelled, $"The handler of {stub.Descriptor} gave the call up: {failure.Message}", failure);
        logger.LogError(failure, "The handler of {Descriptor} failed at code {Code}, called by {Caller}", stub.Descriptor, code, caller);
        return new IpcException(IpcError.Handler, $"The handler of {stub.Descriptor} failed: {failure.GetType().Name}: {failure.Message}", failure);
    }
}
