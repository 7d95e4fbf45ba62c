using System.Diagnostics;
using KubeApi;
using KubeApi.Objects;
using Lab;
using Linux;

namespace Benchmarks.Machines;

/// <summary>
/// A machine that is no node becomes one: the line that the control plane printed, then the agent, until the Node is Ready. Each time the machine is reset and its Node deleted before.
/// </summary>
internal static class JoinTime
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    public static async Task<IReadOnlyList<Figure>> Measure(string top, int rounds, Action<string> say, CancellationToken cancel)
    {
        var cluster = new Cluster("bench-join");
        await cluster.Down();
        try
        {
            await CommandRunner.Run($"{top}/scripts/cluster", ["up", "--nodes", "2", "--name", cluster.Name], cancel: cancel);
            using var client = new ApiClient(Kubeconfig.Load(cluster.KubeconfigPath), "bench");
            var machine = cluster.Node(2);
            machine.KillProcess("sh", LibC.SIGSTOP); // what starts the agent anew a second after its end
            List<double> joins = [], starts = [], totals = [];
            for (var round = -1; round < rounds; round++)
            {
                await Reset(machine, client, cancel);
                var (join, start) = await Join(cluster, machine, client, cancel);
                say($"join {join:0.00} s, agent to Ready {start:0.00} s");
                if (round < 0) continue; // files come from the disk
                joins.Add(join);
                starts.Add(start);
                totals.Add(join + start);
            }
            var peer = new Series("the program's start (nodeagent --version)", "s", await ProgramStart(machine, rounds));
            return
            [
                new Figure("join: 'nodeagent join' by a token", new Series("join", "s", joins), peer, ""),
                new Figure("join: agent started to Node Ready", new Series("agent", "s", starts), peer, ""),
                new Figure("join to Ready", new Series("both", "s", totals), peer, "below 5 s"),
            ];
        }
        finally
        {
            await cluster.Down();
        }
    }

    /// <summary>Ends the agent and makes the machine one that never was a node.</summary>
    private static async Task Reset(Machine machine, ApiClient client, CancellationToken cancel)
    {
        machine.KillProcess(Programs.Agent, LibC.SIGTERM);
        for (var end = DateTime.UtcNow + Bound; machine.Processes(Programs.Agent).Any(IsAlive) && DateTime.UtcNow < end;) await Task.Delay(20, cancel);
        await machine.Run("nodeagent", "reset");
        await client.Delete<Node>("", machine.Name, cancel);
    }

    /// <summary>The stopped shell does not bury its child.</summary>
    private static bool IsAlive(int pid)
    {
        try { return !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal); }
        catch (IOException) { return false; }
    }

    private static async Task<(double Join, double Start)> Join(Cluster cluster, Machine machine, ApiClient client, CancellationToken cancel)
    {
        var line = (await cluster.Control.Run("controlplane", "token", "create", "--print-join-command", "--ttl", "10m")).Trim().Split(' ');
        var clock = Stopwatch.StartNew();
        await machine.Run(line[0], line[1..]);
        var joined = clock.Elapsed.TotalSeconds;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Bound);
        var ready = Task.Run(async () =>
        {
            await foreach (var change in client.Watch<Node>(new ListOptions(FieldSelector: $"metadata.name={machine.Name}"), limit.Token))
                if (change.Object.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true) return clock.Elapsed.TotalSeconds;
            throw new TimeoutException($"{machine.Name} is not Ready within {Bound.TotalMinutes:0} minutes");
        }, cancel);
        // As systemd does; it ends with SIGTERM in the next round, or with the machine.
        var command = machine.Spec.Program!.Command;
        var agent = machine.Start("/bin/sh", ["-c", "exec \"$@\" >>/var/log/nodeagent.log 2>&1", "agent", .. command]);
        agent.StandardInput.Close();
        return (joined, await ready - joined);
    }

    private static async Task<IReadOnlyList<double>> ProgramStart(Machine machine, int rounds)
    {
        var samples = new List<double>();
        for (var i = 0; i < rounds; i++)
        {
            var clock = Stopwatch.StartNew();
            await machine.Run("nodeagent", "--version");
            samples.Add(clock.Elapsed.TotalSeconds);
        }
        return samples;
    }
}
