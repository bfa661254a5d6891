using Lifeline.Ipc;
using Lifeline.Linux;

namespace Lifeline.Contracts;

/// <summary>The requests that are more than a list of names.</summary>
internal static class RequestCodec
{
    private const int MaxProgramArguments = 8;
    private const int MaxProgramBytes = 4096;

    public static void WriteRegistration(Parcel data, string? service, int? generation, IpcStub reporter, Descriptor? statusSlot)
    {
        WriteIdentity(data, service, generation);
        data.WriteStub(reporter);
        data.WriteBoolean(statusSlot is not null);
        if (statusSlot is not null)
            data.WriteDescriptor(statusSlot);
    }

    public static RegistrationRequest ReadRegistration(Parcel data)
    {
        var (service, generation) = ReadIdentity(data);
        var reporter = data.ReadProxy() ?? throw new IpcException(IpcError.CheckParam, "A registration without the reporter's stub.");
        try
        {
            return new RegistrationRequest
            {
                Service = service,
                Generation = generation,
                Reporter = reporter,
                StatusSlot = data.ReadBoolean() ? data.ReadDescriptor() : null,
            };
        }
        catch (IpcException)
        {
            reporter.Dispose();
            throw;
        }
    }

    public static void WriteClaim(Parcel data, ClaimKind kind, string what)
    {
        data.WriteInt32((int)kind);
        data.WriteText(what, CallLimits.MaxClaimBytes, "What is claimed");
    }

    public static (ClaimKind Kind, string What) ReadClaim(Parcel data)
    {
        var kind = (ClaimKind)data.ReadInt32();
        var what = data.ReadText(CallLimits.MaxClaimBytes, "What is claimed");
        return ClaimRules.Check(kind, what) is { } fault ? throw new IpcException(IpcError.CheckParam, fault) : (kind, what);
    }

    public static void WriteReport(Parcel data, StatusReport report, string? service, int? generation)
    {
        WriteIdentity(data, service, generation);
        Span<byte> encoded = stackalloc byte[StatusLimits.MaxEncodedBytes];
        data.WriteBytes(encoded[..StatusCodec.Encode(report, encoded)]);
    }

    public static (StatusReport Report, string? Service, int? Generation) ReadReport(Parcel data)
    {
        var (service, generation) = ReadIdentity(data);
        if (!StatusCodec.TryDecode(data.ReadBytes(), out var report, out var reason))
            throw new IpcException(IpcError.ParcelRead, $"The status cannot be read: {reason}.");
        return (report!, service, generation);
    }

    public static void WriteProgram(Parcel data, IReadOnlyList<string> program)
    {
        data.WriteCount(program.Count, MaxProgramArguments, "The number of arguments of a program");
        foreach (var part in program)
            data.WriteText(part, MaxProgramBytes, "A program's argument");
    }

    public static IReadOnlyList<string> ReadProgram(Parcel data)
    {
        var program = new string[data.ReadCount(MaxProgramArguments, "The number of arguments of a program")];
        for (var index = 0; index < program.Length; index++)
            program[index] = data.ReadText(MaxProgramBytes, "A program's argument");
        return program;
    }

    public static void WriteKill(Parcel data, string name, int signal)
    {
        data.WriteText(name, CallLimits.MaxNameBytes, "The name of a service");
        data.WriteInt32(signal);
    }

    public static (string Name, int Signal) ReadKill(Parcel data)
    {
        var name = data.ReadText(CallLimits.MaxNameBytes, "The name of a service");
        var signal = data.ReadInt32();
        return signal is >= 1 and <= 64 ? (name, signal) : throw new IpcException(IpcError.CheckParam, $"There is no signal {signal}.");
    }

    private static void WriteIdentity(Parcel data, string? service, int? generation)
    {
        data.WriteOptionalText(service, CallLimits.MaxNameBytes, "The name of a service");
        data.WriteBoolean(generation is not null);
        data.WriteInt32(generation ?? 0);
    }

    private static (string? Service, int? Generation) ReadIdentity(Parcel data)
    {
        var service = data.ReadOptionalText(CallLimits.MaxNameBytes, "The name of a service");
        var known = data.ReadBoolean();
        var generation = data.ReadInt32();
        return (service, known ? generation : null);
    }
}
