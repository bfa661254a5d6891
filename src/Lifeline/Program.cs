using Lifeline.Cli;
using Lifeline.Keeper;
using Lifeline.Supervision;

// Keeper and launchers come first: their start is part of every restart.
if (KeeperProgram.TryRunHidden(args, out var exitCode) || MonitorProgram.TryRunHidden(args, out exitCode))
    return exitCode;
return CommandLine.Run(args);
