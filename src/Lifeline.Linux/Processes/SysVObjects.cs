using System.Globalization;
using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>The kinds of System V objects.</summary>
public enum SysVKind
{
    /// <summary>A shared memory segment.</summary>
    SharedMemory,

    /// <summary>A set of semaphores.</summary>
    Semaphores,

    /// <summary>A message queue.</summary>
    MessageQueue,
}

/// <summary>One System V object.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Id">Its number.</param>
/// <param name="Key">Its key.</param>
/// <param name="Owner">User it belongs to.</param>
/// <param name="CreatorPid">Process that made a segment; 0 for the others, of which the kernel does not say.</param>
/// <param name="LastPid">Process that used it last; 0 if unknown.</param>
/// <param name="Attached">Processes that have a segment mapped.</param>
public sealed record SysVObject(SysVKind Kind, int Id, int Key, uint Owner, int CreatorPid, int LastPid, int Attached);

/// <summary>System V objects of the machine. Thread-safe.</summary>
public static unsafe class SysVObjects
{
    private const int Remove = 0;

    /// <summary>All that can be seen.</summary>
    public static IReadOnlyList<SysVObject> List()
    {
        var all = new List<SysVObject>();
        Read("/proc/sysvipc/shm", all, f => new SysVObject(SysVKind.SharedMemory, f("shmid"), f("key"), (uint)f("uid"), f("cpid"), f("lpid"), f("nattch")));
        Read("/proc/sysvipc/sem", all, f => new SysVObject(SysVKind.Semaphores, f("semid"), f("key"), (uint)f("uid"), 0, 0, 0));
        Read("/proc/sysvipc/msg", all, f => new SysVObject(SysVKind.MessageQueue, f("msqid"), f("key"), (uint)f("uid"), 0, f("lspid"), 0));
        return all;
    }

    /// <summary>Removes one.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="id">Its number.</param>
    /// <returns><see cref="Errno.None"/>; EINVAL or EIDRM if it is gone; EPERM.</returns>
    public static Errno Delete(SysVKind kind, int id)
    {
        var result = kind switch
        {
            SysVKind.SharedMemory => Libc.shmctl(id, Remove, null),
            SysVKind.Semaphores => Libc.semctl(id, 0, Remove, 0),
            _ => Libc.msgctl(id, Remove, null),
        };
        return result == 0 ? Errno.None : Libc.LastError;
    }

    private static void Read(string path, List<SysVObject> all, Func<Func<string, int>, SysVObject> make)
    {
        var lines = ProcFs.TryReadLines(path) ?? [];
        if (lines.Count == 0)
            return;
        var names = lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        foreach (var line in lines.Skip(1))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            all.Add(make(name => Field(names, fields, name)));
        }
    }

    private static int Field(string[] names, string[] fields, string name)
    {
        var index = Array.IndexOf(names, name);
        return index >= 0 && index < fields.Length && long.TryParse(fields[index], CultureInfo.InvariantCulture, out var value) ? unchecked((int)value) : 0;
    }
}
