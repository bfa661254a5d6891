namespace Lifeline.Ipc.Dispatch;
internal sealed class OneWayLane { internal OneWayLane(WorkerLane lane) => Lane = lane; internal WorkerLane Lane { get; } }
internal sealed class WorkerLane { }
