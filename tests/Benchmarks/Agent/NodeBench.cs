using KubeApi;
using Lab;

namespace Benchmarks.Agent;

/// <summary>What a node does for its pods, measured through the API as a user would see it.</summary>
internal static class NodeBench
{
    public static async Task<IReadOnlyList<Figure>> Run(Cluster cluster, string rootfs, Action<string> progress, CancellationToken cancel)
    {
        using var client = new ApiClient(Kubeconfig.Load(cluster.KubeconfigPath), "bench");
        var figures = new List<Figure>();
        var agent = new AgentLoad(cluster, client, progress);
        figures.AddRange(await agent.Measure(0, cancel));

        progress("pods from create to Ready ...");
        var ready = new PodReady(client);
        await ready.OneAtATime(5, cancel); // warm-up
        var runc = await RuncRun.Measure(rootfs, 20);
        figures.Add(new Figure("pod create to Ready, one at a time", await ready.OneAtATime(30, cancel), runc, ""));
        figures.Add(new Figure("pod create to Ready, 30 at once", await ready.AtOnce(30, cancel), runc, ""));

        progress("exec ...");
        figures.Add(await ExecRoundTrip.Measure(cluster, client, 100, cancel));
        progress("Secrets ...");
        figures.AddRange(await SecretUpdate.Measure(cluster, client, 100, cancel));

        foreach (var pods in new[] { 30, 110 }) figures.AddRange(await agent.Measure(pods, cancel));
        return figures;
    }
}
