using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Guide;

// What stands between the marks is in docs/guide/ipc.md, word for word: GuideDocumentTests compares.

// [parcelable]
internal sealed record Order(string Article, int Count) : IParcelable<Order>
{
    public void WriteTo(Parcel parcel)
    {
        parcel.WriteString(Article);
        parcel.WriteInt32(Count);
    }

    public static Order ReadFrom(Parcel parcel) => new(parcel.ReadString(), parcel.ReadInt32());
}
// [/parcelable]

// [codes]
internal static class ShopCodes
{
    internal const string Interface = "shop.IOrders";
    internal const uint Place = 1;      // Order -> int32, its number
    internal const uint Note = 2;       // string, one-way
    internal const uint Watch = 3;      // stub that is posted each order
    internal const uint Close = 4;
}
// [/codes]

// [stub]
internal sealed partial class Shop() : IpcStub(ShopCodes.Interface)
{
    private readonly List<Order> _orders = [];
    private readonly List<string> _notes = [];
    private IpcProxy? _watcher;

    public IReadOnlyList<string> Notes => _notes;

    protected internal override async ValueTask OnRequestAsync(uint code, Parcel data, Parcel reply, CallContext context)
    {
        data.EnforceInterface(ShopCodes.Interface);
        switch (code)
        {
            case ShopCodes.Place:
                reply.WriteInt32(await PlaceAsync(data.ReadParcelable<Order>(), context));
                break;
            case ShopCodes.Note:
                _notes.Add(data.ReadString());
                break;
            case ShopCodes.Watch:
                _watcher = data.ReadProxy();
                break;
            case ShopCodes.Close:
                break;
            default:
                throw new IpcException(IpcError.CodeOutOfRange, $"{ShopCodes.Interface} has no request {code}.");
        }
    }

    private async Task<int> PlaceAsync(Order order, CallContext context)
    {
        if (order.Count < 1)
            throw new IpcException((IpcError)1_909_001, $"An order has a count of 1 or more, not {order.Count}.");
        await Task.Delay(1, context.Cancelled);          // the warehouse; given up when the caller gave up
        TellWatcher(order);
        lock (_orders)
        {
            _orders.Add(order);
            return _orders.Count;
        }
    }
}
// [/stub]

internal sealed partial class Shop
{
    // [tell]
    private void TellWatcher(Order order)
    {
        if (_watcher is null)
            return;
        using var data = new Parcel();
        data.WriteParcelable(order);
        _watcher.Post(1, data);
    }
    // [/tell]

    // [dump]
    protected internal override ValueTask OnDumpAsync(Descriptor output, IReadOnlyList<string> arguments, CallContext context) =>
        WriteDumpAsync(output, $"{_orders.Count} orders, {_notes.Count} notes\n", context);
    // [/dump]
}

// [proxy]
internal sealed class ShopProxy(IpcProxy proxy)
{
    public IpcProxy Proxy => proxy;

    public async Task<int> PlaceAsync(Order order, CancellationToken cancellationToken = default)
    {
        using var data = new Parcel();
        data.WriteInterfaceToken(ShopCodes.Interface);
        data.WriteParcelable(order);
        using Parcel reply = await proxy.CallAsync(ShopCodes.Place, data, timeout: TimeSpan.FromSeconds(5), cancellationToken);
        return reply.ReadInt32();
    }

    public void Note(string text)
    {
        using var data = new Parcel();
        data.WriteInterfaceToken(ShopCodes.Interface);
        data.WriteString(text);
        proxy.Post(ShopCodes.Note, data);
    }
}
// [/proxy]

// [fast]
internal sealed class Counter() : SynchronousStub("shop.ICounter")
{
    private long _sum;

    protected internal override void OnRequest(uint code, Parcel data, Parcel reply, CallContext context) =>
        reply.WriteInt64(_sum += data.ReadInt64());
}
// [/fast]
