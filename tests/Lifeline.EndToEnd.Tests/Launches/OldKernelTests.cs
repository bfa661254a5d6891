using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Launches;

/// <summary>Where the kernel has not all that launches would like to use.</summary>
public sealed class OldKernelTests
{
    // Runs a program to which one system call is answered with an error.
    private const string Refuse = """
        #include <stddef.h>
        #include <stdlib.h>
        #include <unistd.h>
        #include <linux/filter.h>
        #include <linux/seccomp.h>
        #include <sys/prctl.h>

        int main(int argc, char **argv)
        {
            struct sock_filter rules[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, atoi(argv[1]), 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | atoi(argv[2])),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
            };
            struct sock_fprog filter = { sizeof rules / sizeof *rules, rules };
            if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
                return 99;
            execv(argv[3], argv + 3);
            return 98;
        }
        """;

    private const string CloseRange = "436";
    private const string Clone3 = "435";
    private const string NotThere = "38";
    private const string NotPermitted = "1";

    [Theory]
    [InlineData(CloseRange, NotThere)]
    [InlineData(CloseRange, NotPermitted)]
    [InlineData(Clone3, NotThere)]
    public async Task Services_start_where_a_system_call_is_missing_or_refused(string call, string error)
    {
        await using var daemon = new Daemon("""
            [monitor]
            http = "off"
            [services.a]
            command = ["sleep", "1000"]
            [services.b]
            command = "ls -l /proc/self/fd; exec sleep 1000"
            """).With("refuse.c", Refuse);
        var refuse = Path.Combine(daemon.Folder, "refuse");
        (await Shell.RunAsync("gcc", ["-O1", "-o", refuse, refuse + ".c"])).MustSucceed();

        (await Shell.RunAsync(
            refuse,
            [call, error, Places.Executable, "up", "-d", daemon.ConfigurationFile, "--run-dir", daemon.RunFolder, "--state-dir", daemon.StateFolder],
            daemon.Folder)).MustSucceed();

        Processes.Kill((await daemon.RunningAsync("a")).Pid());
        await daemon.RunningAsync("a", 2);
        var open = await Eventually.GetAsync(async () => (await daemon.RunAsync("logs", "b")).Output is { Length: > 0 } text ? text : null, daemon.Describe);
        Assert.DoesNotContain(" 4 ->", open, StringComparison.Ordinal); // 3 is the folder that ls reads
    }
}
