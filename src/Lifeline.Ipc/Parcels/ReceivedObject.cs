namespace Lifeline.Ipc;

/// <summary>An object as the transport hands it over with received data.</summary>
/// <param name="Offset">Where its record begins in the data, as the sender said: not yet believed.</param>
/// <param name="Kind">What it is for the receiver: a stub that came home is a <see cref="ParcelObjectKind.Stub"/>.</param>
/// <param name="Payload">The IpcStub, IpcProxy or Descriptor; the parcel owns it once it exists.</param>
internal readonly record struct ReceivedObject(int Offset, ParcelObjectKind Kind, object? Payload);
