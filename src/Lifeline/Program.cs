using Lifeline.Keeper;

if (KeeperProgram.TryRunHidden(args, out int exitCode)) return exitCode;
return 0;
