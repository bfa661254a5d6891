namespace Lifeline.Ipc;

/// <summary>Who may call a stub, for all its requests and for single ones. Immutable; asked before the handler, with the caller as the kernel knows it.</summary>
/// <remarks>
/// A rule gets the caller and returns null to allow the call, or the reason for a refusal, which reaches the caller as
/// <see cref="IpcError.PermissionDenied"/>. Rules run on the worker that would run the handler; one that fails refuses.
/// Pings and the question for the descriptor are always answered; dumps have a rule of their own (<see cref="IpcStub.MayDump"/>).
/// </remarks>
/// <example>
/// <code>
/// var stub = new DelegateStub("shop.ITill", AnswerAsync)
/// {
///     Permissions = new IpcPermissions(IpcPermissions.Everyone)
///         .With(EmptyTheTill, IpcPermissions.Users(0)),
/// };
/// </code>
/// </example>
public sealed class IpcPermissions
{
    private readonly Func<CallerIdentity, string?> _otherwise;
    private readonly Dictionary<uint, Func<CallerIdentity, string?>> _rules;

    /// <summary>Makes permissions.</summary>
    /// <param name="otherwise">The rule for all requests that have none of their own.</param>
    public IpcPermissions(Func<CallerIdentity, string?> otherwise)
        : this(otherwise, [])
    {
    }

    private IpcPermissions(Func<CallerIdentity, string?> otherwise, Dictionary<uint, Func<CallerIdentity, string?>> rules)
    {
        ArgumentNullException.ThrowIfNull(otherwise);
        _otherwise = otherwise;
        _rules = rules;
    }

    /// <summary>The rule that allows everyone.</summary>
    public static Func<CallerIdentity, string?> Everyone { get; } = static _ => null;

    /// <summary>The rule that allows root and the user that this process runs as.</summary>
    public static Func<CallerIdentity, string?> OwnUser { get; } = Users(0, CallerIdentity.Self.Uid);

    /// <summary>A rule that allows certain users.</summary>
    /// <param name="uids">Their numbers.</param>
    /// <returns>The rule.</returns>
    public static Func<CallerIdentity, string?> Users(params uint[] uids)
    {
        ArgumentNullException.ThrowIfNull(uids);
        uint[] allowed = [.. uids];
        return caller => allowed.Contains(caller.Uid) ? null : $"user {caller.Uid} is not allowed, {(allowed.Length == 0 ? "nobody" : string.Join(", ", allowed))} is";
    }

    /// <summary>The same with a rule of its own for one request, in place of the one that it had.</summary>
    /// <param name="code">The request: 1 to <see cref="IpcProxy.MaxCode"/>.</param>
    /// <param name="rule">Its rule.</param>
    /// <returns>New permissions; these stay as they are.</returns>
    public IpcPermissions With(uint code, Func<CallerIdentity, string?> rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentOutOfRangeException.ThrowIfZero(code);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(code, IpcProxy.MaxCode);
        return new IpcPermissions(_otherwise, new(_rules) { [code] = rule });
    }

    /// <summary>Asks the rule of a request.</summary>
    /// <param name="code">The request.</param>
    /// <param name="caller">Who calls.</param>
    /// <returns>Null if it is allowed, otherwise why not.</returns>
    public string? Refusal(uint code, CallerIdentity caller) =>
        (_rules.TryGetValue(code, out Func<CallerIdentity, string?>? rule) ? rule : _otherwise)(caller);
}
