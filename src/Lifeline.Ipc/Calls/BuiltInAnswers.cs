using Lifeline.Linux;

namespace Lifeline.Ipc.Calls;

/// <summary>Answers the requests of <see cref="BuiltInCodes"/>.</summary>
internal static class BuiltInAnswers
{
    /// <summary>The arguments of a dump: at most so many.</summary>
    internal const int MaxDumpArguments = 64;

    internal static ValueTask AnswerAsync(IpcStub stub, uint code, Parcel data, Parcel reply, CallContext context)
    {
        if (code == BuiltInCodes.Descriptor)
            reply.WriteString(stub.Descriptor);
        return code == BuiltInCodes.Dump ? DumpAsync(stub, data, context) : ValueTask.CompletedTask;
    }

    private static async ValueTask DumpAsync(IpcStub stub, Parcel data, CallContext context)
    {
        if (!stub.MayDump(context.Caller))
            throw new IpcException(IpcError.PermissionDenied, $"Process {context.Caller.Pid} of user {context.Caller.Uid} may not have a dump of {stub.Descriptor} ({nameof(IpcStub)}.{nameof(IpcStub.MayDump)}).");
        using Descriptor output = data.ReadDescriptor();
        IReadOnlyList<string> arguments = data.ReadStrings();
        if (arguments.Count > MaxDumpArguments)
            throw new IpcException(IpcError.CheckParam, $"A dump takes at most {MaxDumpArguments} arguments, not {arguments.Count}.");
        await stub.OnDumpAsync(output, arguments, context).ConfigureAwait(false);
    }
}
