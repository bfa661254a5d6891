using Lifeline.Linux;

namespace Lifeline.Supervision;

/// <summary>What people are told when there are no descriptors left.</summary>
internal static class DescriptorLimit
{
    /// <summary>What happened, and, if it was the limit of open files, its value and the setting that changes it.</summary>
    public static string Explain(Exception error) => error is LinuxException { Errno: Errno.EMFILE }
        ? $"{error.Message}: the monitor may have {CurrentProcess.GetResourceLimit(ResourceLimit.Descriptors).Hard} files open (RLIMIT_NOFILE, its hard limit), "
            + "and needs about ten for each running service: raise LimitNOFILE= of its systemd unit, or `ulimit -Hn` of the shell that runs `lifeline up`"
        : error.Message;
}
