using Lifeline.Bench.Command;
using Lifeline.Bench.Roles;

return args is ["role", .. var role] ? RoleTable.Run(role) : await BenchCommand.RunAsync(args);
