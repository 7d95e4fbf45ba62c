using System.Net;
using KubeApi;
using KubeApi.Objects;
using Lab;
using Linux;

namespace Benchmarks.Services;

/// <summary>
/// A Deployment whose programs end at once at their stop signal is updated again and again in a Lab cluster, while it is called from a pod by its
/// clusterIP and from outside by a node's port: how many of the requests fail. The peer is the same load while nothing is updated.
/// </summary>
internal sealed class RollingUpdate(Cluster cluster, ApiClient client, Action<string> say)
{
    private const int Replicas = 10, PerSecond = 500;

    private const string Caller = "caller";

    /// <summary>Of one update, and of the start; only a broken run reaches it.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(4), Quiet = TimeSpan.FromSeconds(10);

    private static readonly Dictionary<string, string> Labels = new() { ["app"] = "web" };

    /// <param name="mode">The agents' --proxy-mode.</param>
    public static async Task Measure(string top, string mode, int updates, Action<Figure> add, Action<string> say, CancellationToken cancel)
    {
        var cluster = new Cluster("bench-update");
        await cluster.Down();
        try
        {
            await CommandRunner.Run($"{top}/scripts/cluster", ["up", "--nodes", "2", "--name", cluster.Name, "--proxy-mode", mode], cancel: cancel);
            using var client = new ApiClient(Kubeconfig.Load(cluster.KubeconfigPath), "bench");
            await new RollingUpdate(cluster, client, say).Under(mode, updates, add, cancel);
        }
        finally
        {
            await cluster.Down();
        }
    }

    private async Task Under(string mode, int updates, Action<Figure> add, CancellationToken cancel)
    {
        say($"a Deployment of {Replicas}, {mode} ...");
        var service = await Create(cancel);
        using var pod = NetworkNamespace.OfProcess(await ProcessOfCaller(cancel));
        using var outside = NetworkNamespace.OfProcess(cluster.Outside.InitPid!.Value);
        var (port, node) = (service.Spec!.Ports![0], cluster.Node(1).Address);
        List<(NetworkNamespace From, IPEndPoint Target)> places =
            [(pod, new(IPAddress.Parse(service.Spec.ClusterIP!), port.Port)), (outside, new(IPAddress.Parse(node), port.NodePort!.Value))];
        foreach (var (from, target) in places) Http.WaitForOk(from, target.Address, target.Port, Bound);
        using var load = new SteadyRequests(places, PerSecond);
        await Task.Delay(TimeSpan.FromSeconds(1), cancel); // what is compiled at the first calls
        load.Take();
        await Task.Delay(Quiet, cancel);
        var quiet = load.Take();
        foreach (var problem in quiet.Failed.Take(5)) say($"before any update: {problem}");
        var done = new List<Requests>();
        for (var i = 1; i <= updates; i++)
        {
            await Update(i, cancel);
            done.Add(load.Take());
            say($"update {i} of {updates}: {done[^1].Count} requests, {done[^1].Failed.Count} failed{string.Concat(done[^1].Failed.Take(5).Select(failed => $"\n  {failed}"))}");
        }
        Report($"{mode}, {updates} rolling updates under load", quiet, done, add);
    }

    private static void Report(string title, Requests quiet, IReadOnlyList<Requests> done, Action<Figure> add)
    {
        add(new($"{title}: failed requests", new("ours", $"of {done.Sum(part => part.Count)}", [done.Sum(part => part.Failed.Count)]), null, "0"));
        add(new($"{title}: requests with a connection each", new("ours", "/s", [.. done.Select(part => part.PerSecond)]), new("no update", "/s", [quiet.PerSecond]), $"{PerSecond} /s"));
        add(new($"{title}: time of a request", new("ours", "ms", [.. done.SelectMany(part => part.Milliseconds)]), new("no update", "ms", quiet.Milliseconds), ""));
        add(new($"{title}: until all old pods are gone", new("ours", "s", [.. done.Select(part => part.During.TotalSeconds)]), null, ""));
    }

    private async Task<Service> Create(CancellationToken cancel)
    {
        await client.Create(Web(), cancel);
        await client.Create(new Pod
        {
            Metadata = new ObjectMeta { Name = Caller, Namespace = "default" },
            Spec = new PodSpec { NodeName = "node1", Containers = [new Container { Name = Caller, Image = "busybox", ImagePullPolicy = "IfNotPresent", Command = ["sleep", "86400"] }] },
        }, cancel);
        var service = await client.Create(new Service
        {
            Metadata = new ObjectMeta { Name = "web", Namespace = "default" },
            Spec = new ServiceSpec { Type = "NodePort", Selector = Labels, Ports = [new ServicePort { Port = 80 }] },
        }, cancel);
        await Until("all pods are ready", async () => IsDone(await client.Get<Deployment>("default", "web", cancel)), cancel);
        return service;
    }

    /// <summary>All pods are new ones and the last old one is gone.</summary>
    private async Task Update(int number, CancellationToken cancel)
    {
        var annotations = new Dictionary<string, string> { ["bench/update"] = $"{number}" };
        await client.MergePatch<Deployment>("default", "web", new { spec = new { template = new { metadata = new { annotations } } } }, cancel);
        await Until("the update is done", async () => IsDone(await client.Get<Deployment>("default", "web", cancel))
            && (await client.List<Pod>(new ListOptions("default", LabelSelector: "app=web"), cancel)).Items.Count == Replicas, cancel);
    }

    /// <summary>As <c>kubectl rollout status</c> says it.</summary>
    private static bool IsDone(Deployment web) => web.Status is { ObservedGeneration: { } observed, UpdatedReplicas: Replicas, Replicas: Replicas, AvailableReplicas: Replicas }
        && observed >= web.Metadata.Generation;

    /// <exception cref="TimeoutException">It is not so within <see cref="Bound"/>.</exception>
    private static async Task Until(string what, Func<Task<bool>> isSo, CancellationToken cancel)
    {
        for (var end = DateTime.UtcNow + Bound; !await isSo(); await Task.Delay(100, cancel))
            if (DateTime.UtcNow > end) throw new TimeoutException($"not within {Bound.TotalMinutes:0} minutes: {what}");
    }

    /// <summary>As the host counts.</summary>
    private async Task<int> ProcessOfCaller(CancellationToken cancel)
    {
        IReadOnlyList<int> found = [];
        await Until("the pod that calls runs", () => Task.FromResult((found = cluster.Node(1).Processes("sleep")).Count > 0), cancel);
        return found.Single();
    }

    /// <summary>The first process of the container ends at its stop signal (the image says SIGQUIT), and with it at once all others.</summary>
    private static Deployment Web() => new()
    {
        Metadata = new ObjectMeta { Name = "web", Namespace = "default" },
        Spec = new DeploymentSpec
        {
            Replicas = Replicas,
            Selector = new LabelSelector { MatchLabels = Labels },
            Template = new PodTemplateSpec
            {
                Metadata = new ObjectMeta { Labels = Labels },
                Spec = new PodSpec
                {
                    Containers =
                    [
                        new Container
                        {
                            Name = "web", Image = "nginx", ImagePullPolicy = "IfNotPresent",
                            Command = ["sh", "-c", "trap 'exit 0' TERM QUIT; nginx -g 'daemon off;' & wait"],
                            ReadinessProbe = new Probe { HttpGet = new HTTPGetAction { Path = "/", Port = 80 }, PeriodSeconds = 1, TimeoutSeconds = 10 },
                        },
                    ],
                },
            },
        },
    };
}
