namespace Lifeline.Ipc.Dispatch;

/// <summary>Something for a worker to do; it keeps the worker only as long as it runs.</summary>
internal interface IWorkItem
{
    void Run();
}
