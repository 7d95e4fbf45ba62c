using System.Diagnostics;
using System.Net;
using KubeApi;
using KubeApi.Objects;
using Lab;
using Linux;

namespace Benchmarks;

/// <summary>From the API write of a pod to its first HTTP answer on another node; the image is there.</summary>
internal static class PodStartup
{
    public static async Task<Series> Measure(Cluster cluster, int pods, Action<string> progress)
    {
        using var client = new ApiClient(Kubeconfig.Load(cluster.KubeconfigPath), "bench");
        using var prober = NetworkNamespace.OfProcess(cluster.Node(2).InitPid!.Value);
        var samples = new List<double>();
        for (var i = 0; i < pods; i++)
        {
            samples.Add(await One(client, prober, $"bench-{i}"));
            if ((i + 1) % 10 == 0) progress($"{i + 1} of {pods} pods");
        }
        return new Series("pod", "ms", samples);
    }

    private static async Task<double> One(ApiClient client, NetworkNamespace prober, string name)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var pod = new Pod
        {
            Metadata = new ObjectMeta { Name = name, Namespace = "default" },
            Spec = new PodSpec { NodeName = "node1", TerminationGracePeriodSeconds = 0, Containers = [new Container { Name = "nginx", Image = "nginx", ImagePullPolicy = "IfNotPresent" }] },
        };
        var watch = client.Watch<Pod>(new ListOptions("default", FieldSelector: $"metadata.name={name}", ResourceVersion: (await client.List<Pod>(new ListOptions("default"), limit.Token)).Metadata.ResourceVersion), limit.Token);
        var start = Stopwatch.GetTimestamp();
        await client.Create(pod, limit.Token);
        var address = await Address(watch);
        Http.WaitForOk(prober, address, 80, TimeSpan.FromSeconds(30));
        var elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        await client.Delete<Pod>("default", name, limit.Token, new DeleteOptions { GracePeriodSeconds = 0 });
        return elapsed;
    }

    private static async Task<IPAddress> Address(IAsyncEnumerable<WatchEvent<Pod>> watch)
    {
        await foreach (var change in watch)
            if (change.Object.Status?.PodIP is { Length: > 0 } address) return IPAddress.Parse(address);
        throw new IOException("the watch ended before the pod had an address");
    }
}
