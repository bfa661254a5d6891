using System.Text;
using Lifeline.Ipc;
using Lifeline.Linux;

namespace Lifeline.Contracts;

/// <summary>The requests that are more than a list of names.</summary>
internal static class RequestCodec
{
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
        if (kind is < ClaimKind.Path or > ClaimKind.SysVMsg)
            throw new IpcException(IpcError.CheckParam, $"There is no kind of claim {(int)kind}.");
        var what = data.ReadText(CallLimits.MaxClaimBytes, "What is claimed");
        CheckClaim(kind, what);
        return (kind, what);
    }

    /// <summary>Both sides check: the client to tell its user at once, the monitor because it believes nobody.</summary>
    public static void CheckClaim(ClaimKind kind, string what)
    {
        if (Encoding.UTF8.GetByteCount(what) > CallLimits.MaxClaimBytes)
            throw new IpcException(IpcError.TooLarge, $"What is claimed is {Encoding.UTF8.GetByteCount(what)} bytes long, and the limit is {CallLimits.MaxClaimBytes}.");
        if (kind == ClaimKind.Path && (!what.StartsWith('/') || what.Contains('\0', StringComparison.Ordinal)))
            throw new IpcException(IpcError.CheckParam, $"A claimed path must be absolute, and \"{what}\" is not.");
        if (kind != ClaimKind.Path && !int.TryParse(what, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out _))
            throw new IpcException(IpcError.CheckParam, $"A claimed {JsonNames.Of(kind)} is named by its id in decimal, and \"{what}\" is none.");
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
