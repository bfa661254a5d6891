namespace Lifeline.Ipc;

/// <summary>A reference to a remote object that a parcel can hold: one owner each, shared by making another.</summary>
internal interface IParcelReference : IDisposable
{
    /// <summary>Makes another reference to the same object, with an owner of its own.</summary>
    IParcelReference Share();
}
