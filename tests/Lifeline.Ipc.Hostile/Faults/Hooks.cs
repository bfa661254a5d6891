using Lifeline.Ipc.Hostile.Faults;

namespace Lifeline.Ipc.Rings
{
    internal sealed unsafe partial class RingProducer
    {
        static partial void Stored(string what) => Mortality.Pass(what);
    }

    internal sealed unsafe partial class RingConsumer
    {
        static partial void Stored(string what) => Mortality.Pass(what);
    }

    internal sealed partial class RingTransport
    {
        static partial void Stored(string what) => Mortality.Pass(what);
    }
}

namespace Lifeline.Ipc
{
    public sealed unsafe partial class SharedBoardWriter
    {
        static partial void Stored(string what) => Mortality.Pass(what);
    }

    internal sealed unsafe partial class SharedRing
    {
        static partial void Stored(string what) => Mortality.Pass(what);
    }
}
