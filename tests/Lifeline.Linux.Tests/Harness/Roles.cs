using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lifeline.Linux.Native;

namespace Lifeline.Linux.Tests.Harness;

/// <summary>What this program does instead of testing, when a variable of its environment says so.</summary>
internal static unsafe class Roles
{
    public const string Variable = "LIFELINE_LINUX_ROLE";
    public const string ArgumentsVariable = "LIFELINE_LINUX_ROLE_ARGUMENTS";

#pragma warning disable CA2255 // The test runner owns Main, and a role must begin before it.
    [ModuleInitializer]
    public static void Begin()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } role)
            return;
        var arguments = (Environment.GetEnvironmentVariable(ArgumentsVariable) ?? "").Split('\n');
        try
        {
            Play(role, arguments);
            CurrentProcess.Exit(0);
        }
        catch (Exception e)
        {
            Console.WriteLine(e);
            Console.Out.Flush();
            CurrentProcess.Exit(99);
        }
    }
#pragma warning restore CA2255

    private static void Play(string role, string[] arguments)
    {
        switch (role)
        {
            case "launch":
                Launch(arguments);
                break;
            case "reap":
                Reap();
                break;
            case "lock":
                Lock(arguments[0]);
                break;
            case "hold-lock":
                HoldLock();
                break;
            case "leader-exits":
                LeaderExits(arguments[0]);
                break;
            case "exhausted":
                Exhausted();
                break;
            case "limit":
                Console.WriteLine(CurrentProcess.RaiseDescriptorLimit());
                Console.WriteLine(CurrentProcess.GetResourceLimit(ResourceLimit.Descriptors));
                break;
            default:
                throw new ArgumentException($"there is no role \"{role}\"");
        }
    }

    // Everything that the launcher of services does before it becomes the service.
    private static void Launch(string[] arguments)
    {
        Dirty();
        using var kept = Descriptor.Open(arguments[0], OpenFlags.Read);
        using var high = new Descriptor(Libc.fcntl(kept.Number, Libc.FDuplicateCloseOnExec, 100));
        CurrentProcess.NewSession();
        CurrentProcess.SetName("a (role) ) name");
        CurrentProcess.SetUmask(UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute | UnixFileMode.GroupWrite);
        CurrentProcess.SetNice(5);
        CurrentProcess.SetResourceLimit(ResourceLimit.Descriptors, 150, 200);
        CurrentProcess.ChangeFolder(arguments[1]);
        if (arguments[2].Length > 0)
            CurrentProcess.SetIdentity(uint.Parse(arguments[2], CultureInfo.InvariantCulture), 65533, [65533, 4242]);
        CurrentProcess.CloseOnExecFrom(3);
        CurrentProcess.Place(high, 7);
        CurrentProcess.ResetSignals();
        CurrentProcess.Execute("/bin/sh", ["a name", "-c", arguments[3]], ["ONLY=this one"]);
    }

    private static void Dirty()
    {
        var action = stackalloc byte[152];
        new Span<byte>(action, 152).Clear();
        *(nint*)action = 1; // SIG_IGN
        Libc.sigaction(10, action, null);
        var set = stackalloc byte[128];
        new Span<byte>(set, 128).Clear();
        *(ulong*)set = 1ul << (12 - 1);
        _ = Libc.sigprocmask(0, set, null);
        // Survives an exec, if nobody takes care of it.
        _ = Libc.fcntl(1, 0, 20);
    }

    private static void Reap()
    {
        CurrentProcess.SetChildSubreaper();
        var (read, write) = Pipe.Create();
        // The orphan outlives the shell, which would reap it.
        using var middle = ProcessSpawner.Spawn(new SpawnRequest
        {
            Path = "/bin/sh", Arguments = ["sh", "-c", "cat <&9 & echo $!; exit 3"], Environment = ["PATH=/usr/bin:/bin"], Descriptors = [(read, 9)],
        });
        read.Dispose();
        Poller.IsReady(middle.PidFd, PollEvents.In, Patience.Milliseconds);
        write.Dispose();
        var isLeftAlone = !CurrentProcess.ReapOrphan(pid => pid == middle.Pid, out var first) || first != middle.Pid;
        var status = middle.PidFd.TryReap();
        var reaped = 0;
        Patience.Until(() => CurrentProcess.ReapOrphan(static _ => false, out reaped), "the orphan did not come");
        Console.WriteLine($"{isLeftAlone} {status?.ExitCode} {reaped} {CurrentProcess.ReapOrphan(static _ => false, out _)}");
    }

    private static void Exhausted()
    {
        var root = ControlGroupRoot.Reopen(ControlGroupVersion.V2, "/proc"); // nothing is ever made in it
        var answers = new List<string> { "", "", "" };
        Func<object?>[] questions = [() => ProcFs.TryReadStat(1), () => ProcFs.TryReadCgroups(1), () => root.Of("/").IsPopulated];
        foreach (var question in questions)
            Answer(question); // everything is loaded and compiled
        var (soft, hard) = CurrentProcess.GetResourceLimit(ResourceLimit.Descriptors);
        CurrentProcess.SetResourceLimit(ResourceLimit.Descriptors, 3, hard);
        for (var i = 0; i < questions.Length; i++)
            answers[i] = Answer(questions[i]);
        CurrentProcess.SetResourceLimit(ResourceLimit.Descriptors, soft, hard);
        Console.WriteLine(string.Join(' ', answers));

        static string Answer(Func<object?> question)
        {
            try
            {
                return $"{question()}";
            }
            catch (LinuxException e)
            {
                return $"{e.Errno}";
            }
        }
    }

    private static void Lock(string path)
    {
        using var held = FileLock.TryAcquire(path);
        Console.WriteLine(held is null ? "refused" : "acquired");
    }

    private static void HoldLock()
    {
        using var held = FileLock.TryTakeOver(Descriptor.Adopt(5));
        Console.WriteLine(held is null ? "refused" : "acquired");
        Console.Out.Flush();
        using var wait = Descriptor.Adopt(6);
        wait.Read(stackalloc byte[1]);
    }

    // The first thread ends and others live on: /proc shows a zombie that is none.
    private static void LeaderExits(string joinFile)
    {
        if (joinFile.Length > 0)
        {
            using var join = Descriptor.Open(joinFile, OpenFlags.Write);
            join.WriteAll("0"u8);
        }

        var thread = new Thread(() =>
        {
            Console.WriteLine("ready");
            Console.Out.Flush();
            using var wait = Descriptor.Adopt(6);
            wait.Read(stackalloc byte[1]);
            CurrentProcess.Exit(4);
        });
        thread.Start();
        var exitThread = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 60 : 93;
        Libc.syscall(exitThread, 0, 0, 0, 0, 0, 0);
    }
}
