using System.Runtime.CompilerServices;
using Lifeline.Ipc.Diagnostics;
using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Sessions;

namespace Lifeline.Ipc.Dispatch;

/// <summary>
/// Requests that one thread has received and runs itself: one-way calls of one session to one stub, or a single call that is
/// answered. Its parcels are used again and again. Filled under the receive gate of the session, run outside of it.
/// </summary>
internal sealed class InlineBatch
{
    /// <summary>One-way calls that are received in a row.</summary>
    internal const int Capacity = 64;

    private readonly Parcel[] _data = new Parcel[Capacity];
    private readonly uint[] _codes = new uint[Capacity];
    private readonly CodeRow[] _rows = new CodeRow[Capacity];
    private readonly ExecutionContext? _clean = ExecutionContext.Capture();
    private Parcel _reply = new();
    private CallContext? _context;

    internal InlineBatch()
    {
        for (int i = 0; i < Capacity; i++)
            _data[i] = new Parcel();
    }

    /// <summary>How many requests are in it.</summary>
    internal int Count { get; private set; }

    /// <summary>Their bytes, as they count for the window.</summary>
    internal long Cost { get; private set; }

    /// <summary>The session that they came through.</summary>
    internal IpcSession? Session { get; private set; }

    /// <summary>The stub they are for.</summary>
    internal ExportTable.Entry? Entry { get; private set; }

    /// <summary>Whether it is a call that is answered.</summary>
    internal bool IsCall { get; private set; }

    /// <summary>The number of the call.</summary>
    internal ulong Id { get; private set; }

    /// <summary>Whether another one-way call to a stub fits in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Takes(ExportTable.Entry entry) => Entry == entry && !IsCall && Count < Capacity;

    /// <summary>Begins with one-way calls.</summary>
    internal void Begin(IpcSession session, ExportTable.Entry entry, CallContext context)
    {
        Session = session;
        Entry = entry;
        IsCall = false;
        _context = context;
    }

    /// <summary>Adds a one-way call.</summary>
    internal void Add(in RecordHeader header, ReadOnlySpan<byte> data, CodeRow row)
    {
        int at = Count;
        Parcel parcel = _data[at];
        if (parcel.IsDisposed)
            _data[at] = parcel = new Parcel();
        parcel.LoadReceived(data, []);
        _codes[at] = header.Code;
        // A reference that is written has its price, also if it is the same as before.
        if (_rows[at] != row)
            _rows[at] = row;
        Count = at + 1;
        Cost += header.RecordLength;
    }

    /// <summary>Makes it a call.</summary>
    internal void SetCall(IpcSession session, ExportTable.Entry entry, CallContext context, in RecordHeader header, ReadOnlySpan<byte> data, CodeRow row)
    {
        Begin(session, entry, context);
        Add(header, data, row);
        IsCall = true;
        Id = header.Id;
    }

    /// <summary>Runs them. Never fails.</summary>
    internal void Run()
    {
        IpcSession session = Session!;
        ExportTable.Entry entry = Entry!;
        RequestWatch watch = session.Endpoint.Watch;
        int begun = watch.Begin();
        CallContext? previous = CallContext.EnterInline(_context);
        for (int i = 0; i < Count; i++)
        {
            Exception? failure = null;
            try
            {
                if (entry.Stub.Permissions is not null)
                    RequestHooks.Demand(entry.Stub, _codes[i], _context!, _rows[i], session.Endpoint.Options.Logger);
                entry.Inline!.OnRequest(_codes[i], _data[i], _reply, _context!);
            }
            catch (Exception e)
            {
                failure = e;
            }

            // What a handler leaves in the flow of control must not reach the next one.
            if (ExecutionContext.Capture() != _clean)
                ExecutionContext.Restore(_clean!);
            session.AnswerInline(this, _codes[i], _rows[i], _reply, failure);
            Clean();
        }

        CallContext.EnterInline(previous);
        watch.End(begun, entry.Stub, _codes[0], _context!);
    }

    // A handler may have disposed what it was given, or received the reply to a call of its own into it.
    private void Clean()
    {
        if (_reply.IsDisposed || _reply.IsReadOnly)
        {
            _reply.Dispose();
            _reply = new Parcel();
        }
        else if (_reply.DataSize > 0)
            _reply.Reset();
    }

    /// <summary>They are done: the session counts them, and the objects are free.</summary>
    internal void End()
    {
        IpcSession session = Session!;
        ExportTable.Entry entry = Entry!;
        int count = Count;
        long cost = Cost;
        bool isCall = IsCall;
        Session = null;
        Entry = null;
        Count = 0;
        Cost = 0;
        session.EndInline(entry, isCall, count, cost);
    }
}
