using System.Diagnostics;
using System.Net;
using KubeApi;
using KubeApi.Objects;
using Lab;
using Linux;

namespace Benchmarks;

/// <summary><c>cluster up</c> with two nodes to the first HTTP 200 through a clusterIP, from the node on which the pod does not run.</summary>
internal static class ClusterUpTime
{
    public static async Task<Series> Measure(string scripts, int rounds, Action<string> progress)
    {
        var samples = new List<double>();
        for (var i = 0; i < rounds; i++)
        {
            samples.Add(await One(scripts));
            progress($"round {i + 1} of {rounds}: {samples[^1]:0.00} s");
        }
        return new Series("cluster up", "s", samples);
    }

    private static async Task<double> One(string scripts)
    {
        var cluster = new Cluster("bench-up");
        await cluster.Down();
        try
        {
            var start = Stopwatch.GetTimestamp();
            await CommandRunner.Run($"{scripts}/cluster", ["up", "--nodes", "2", "--name", cluster.Name]);
            using var client = new ApiClient(Kubeconfig.Load(cluster.KubeconfigPath), "bench");
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            var labels = new Dictionary<string, string> { ["run"] = "web" };
            var service = await client.Create(new Service
            {
                Metadata = new ObjectMeta { Name = "web", Namespace = "default" },
                Spec = new ServiceSpec { Selector = labels, Ports = [new ServicePort { Port = 80 }] },
            }, limit.Token);
            await client.Create(new Pod
            {
                Metadata = new ObjectMeta { Name = "web", Namespace = "default", Labels = labels },
                Spec = new PodSpec { NodeName = "node1", Containers = [new Container { Name = "nginx", Image = "nginx", ImagePullPolicy = "IfNotPresent" }] },
            }, limit.Token);
            using var prober = NetworkNamespace.OfProcess(cluster.Node(2).InitPid!.Value);
            Http.WaitForOk(prober, IPAddress.Parse(service.Spec!.ClusterIP!), 80, TimeSpan.FromMinutes(1));
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        finally
        {
            await cluster.Down();
        }
    }
}
