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
}
