using Lifeline.Cli;
using Lifeline.Keeper;

// Keeper and launchers come first: their start is part of every restart.
return KeeperProgram.TryRunHidden(args, out var exitCode) ? exitCode : CommandLine.Run(args);
