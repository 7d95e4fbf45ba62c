using KubeApi;
using Lab;

namespace Benchmarks.Agent;

/// <summary>Memory and CPU of an agent while its pods, and nobody else, do nothing.</summary>
internal sealed class AgentLoad(Cluster cluster, ApiClient client, Action<string> progress)
{
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(20), Window = TimeSpan.FromSeconds(60);

    public async Task<IReadOnlyList<Figure>> Measure(int pods, CancellationToken cancel)
    {
        progress($"an agent with {pods} pods ...");
        var names = Enumerable.Range(0, pods).Select(i => $"idle-{i}").ToList();
        foreach (var name in names) await client.Create(BenchPods.Sleeper(name), cancel);
        foreach (var name in names) await BenchPods.Ready(client, name, cancel);
        await Task.Delay(Settle, cancel);
        var agent = cluster.Node(1).Processes("nodeagent").Single();
        var before = Idle.Cpu(agent);
        await Task.Delay(Window, cancel);
        var percent = (Idle.Cpu(agent) - before) / Window.TotalSeconds * 100;
        var memory = Idle.Memory(agent);
        await BenchPods.Clear(client, cancel);
        return
        [
            new Figure($"agent's memory with {pods} idle pods", new Series("agent", "MB", [memory]), null, "below 120 MB with 110"),
            new Figure($"agent's CPU with {pods} idle pods", new Series("agent", "% of a core", [percent]), null, "below 3 % with 110"),
        ];
    }
}
