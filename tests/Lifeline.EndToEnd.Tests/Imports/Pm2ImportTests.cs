using System.Diagnostics;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Imports;

public class Pm2ImportTests
{
    [Fact]
    public async Task Apps_of_an_ecosystem_file_are_started_as_pm2_starts_them()
    {
        var pm2 = Path.Combine(Places.Repository, "artifacts/peers/node_modules/.bin/pm2-runtime");
        Assert.True(File.Exists(pm2), $"{pm2} does not exist: ./test installs it (npm install --prefix artifacts/peers --no-save pm2@7.0.4).");
        await using var comparison = new PeerComparison();
        comparison.Write("app/record.js", """
            const { spawnSync } = require("child_process");
            const words = [process.argv[2], "node:" + process.execArgv.join(","), ...process.argv.slice(3)];
            spawnSync("{folder}/record", words, { stdio: "ignore", env: { ...process.env, FROM_NODE: "yes" }, timeout: 3000 });
            setInterval(() => {}, 1000);
            """);
        comparison.Write("app/record.py", """
            import os, sys
            os.execv("{folder}/record", ["record", sys.argv[1], "optimised" if sys.flags.optimize else "plain", *sys.argv[2:]])
            """);
        comparison.Write("app/text", "require('child_process').spawn('{folder}/record', ['text', ...process.argv.slice(2)]); setInterval(() => {}, 1000);\n");
        comparison.Write("app/record.sh", "shift 0; exec {folder}/record \"$@\" \"${BASH_VERSION:+bash}\"\n");
        comparison.Write("ecosystem.config.json", """
            { "apps": [
              { "name": "node", "script": "app/record.js", "args": "node 'two words' --flag=1", "node_args": "--max-old-space-size=64 --no-warnings",
                "env": { "A": "a b", "N": 5, "T": true } },
              { "name": "python", "script": "record.py", "cwd": "{folder}/app", "interpreter": "python3", "interpreter_args": ["-O"], "args": ["python", "x y", "$A"], "env": { "A": "1" } },
              { "name": "shell", "script": "./app/record.sh", "args": ["shell", "a", "b c"] },
              { "name": "binary", "script": "{folder}/record", "interpreter": "none", "args": "binary \"q r\" s", "cwd": "/tmp" },
              { "name": "many", "script": "{folder}/record", "args": "many", "interpreter": "none", "exec_mode": "fork", "instances": 3 },
              { "name": "line", "script": "exec {folder}/record line \"$A\" 'x y'", "args": "ignored", "env": { "A": "a b" } },
              { "name": "text", "script": "app/text", "args": "--title=\"a b\" 'c d' e" },
              { "name": "found", "script": "env", "args": ["{folder}/record", "found"], "cwd": "app" },
              { "name": "nobody", "script": "{folder}/record", "interpreter": "none", "args": "nobody", "uid": "nobody", "gid": "nogroup" }
            ] }
            """);
        var peer = new ProcessStartInfo(pm2, ["start", Path.Combine(comparison.Folder, "ecosystem.config.json")]);
        peer.Environment["PM2_HOME"] = Path.Combine(comparison.Folder, "pm2");
        var services = new Dictionary<string, int> { ["node"] = 1, ["python"] = 1, ["shell"] = 1, ["binary"] = 1, ["many"] = 3, ["line"] = 1, ["text"] = 1, ["found"] = 1, ["nobody"] = 1 };
        await comparison.MustStartTheSameAsync(peer, ["ecosystem.config.json"], services, ["arguments", "cwd", "umask", "ids", "env A", "env N", "env T", "env FROM_NODE"]);
    }
}
