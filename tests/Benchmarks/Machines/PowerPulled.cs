using System.Diagnostics;
using System.Net;
using Benchmarks.Services;
using KubeApi;
using KubeApi.Objects;
using Lab;
using Linux;

namespace Benchmarks.Machines;

/// <summary>
/// A node's plug is pulled: until its endpoints are out of the rules in the other nodes' kernels, as the kernels tell it, and until as many pods as before are Ready on the others.
/// The pods tolerate a lost node for no time at all, so that what is measured is the cluster's own doing.
/// </summary>
internal sealed class PowerPulled(Cluster cluster, ApiClient client, Action<string> say)
{
    private const int Nodes = 3, Replicas = 6;

    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    private static readonly Dictionary<string, string> Labels = new() { ["app"] = "web" };

    /// <summary>Of one round, in seconds: from the plug to the rules, from the lease's end to the rules, from the plug to the pods, from the lease's end to the pods.</summary>
    private sealed record Times(double Rules, double RulesAfterLease, double Pods, double PodsAfterLease, double LeaseLeft);

    public static async Task<IReadOnlyList<Figure>> Measure(string top, int rounds, Action<string> say, CancellationToken cancel)
    {
        var cluster = new Cluster("bench-power");
        await cluster.Down();
        try
        {
            await CommandRunner.Run($"{top}/scripts/cluster", ["up", "--nodes", $"{Nodes}", "--name", cluster.Name], cancel: cancel);
            using var client = new ApiClient(Kubeconfig.Load(cluster.KubeconfigPath), "bench");
            var bench = new PowerPulled(cluster, client, say);
            await bench.Prepare(cancel);
            var times = new List<Times>();
            try
            {
                while (times.Count < rounds) times.Add(await bench.Round(cancel));
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested && times.Count > 0) { } // what there is by now
            return
            [
                Figure(times, "power pulled to endpoints out of all other nodes' kernels", time => time.Rules, ""),
                Figure(times, "lease's end to endpoints out of all other nodes' kernels", time => time.RulesAfterLease, "below 2 s"),
                Figure(times, "power pulled to as many pods Ready elsewhere", time => time.Pods, ""),
                Figure(times, "lease's end to as many pods Ready elsewhere", time => time.PodsAfterLease, ""),
            ];
        }
        finally
        {
            await cluster.Down();
        }
    }

    /// <summary>The peer is what nobody can do without: how long the lease was still good.</summary>
    private static Figure Figure(List<Times> times, string title, Func<Times, double> value, string aim) =>
        new(title, new Series("ours", "s", [.. times.Select(value)]), new Series("the lease still held for", "s", [.. times.Select(time => time.LeaseLeft)]), aim);

    private async Task Prepare(CancellationToken cancel)
    {
        await client.Create(new Service { Metadata = new ObjectMeta { Name = "web", Namespace = "default" }, Spec = new ServiceSpec { Selector = Labels, Ports = [new ServicePort { Port = 80 }] } }, cancel);
        await client.Create(new Deployment
        {
            Metadata = new ObjectMeta { Name = "web", Namespace = "default" },
            Spec = new DeploymentSpec
            {
                Replicas = 0, Selector = new LabelSelector { MatchLabels = Labels },
                Template = new PodTemplateSpec
                {
                    Metadata = new ObjectMeta { Labels = Labels },
                    Spec = new PodSpec
                    {
                        TerminationGracePeriodSeconds = 1,
                        Containers = [new Container { Name = "nginx", Image = "nginx", ImagePullPolicy = "IfNotPresent" }],
                        Tolerations = [.. new[] { "not-ready", "unreachable" }.Select(state => new Toleration { Key = $"node.kubernetes.io/{state}", Operator = "Exists", Effect = "NoExecute", TolerationSeconds = 0 })],
                    },
                },
            },
        }, cancel);
    }

    private async Task<Times> Round(CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Bound);
        var victim = cluster.Node(Nodes);
        await Scale(0, limit.Token);
        await Scale(Replicas, limit.Token);
        var endpoints = (await Pods(limit.Token)).Where(pod => pod.Spec!.NodeName == victim.Name).Select(pod => IPAddress.Parse(pod.Status!.PodIP!)).ToList();
        if (endpoints.Count == 0) throw new InvalidOperationException($"no pod runs on {victim.Name}");
        await Task.Delay(TimeSpan.FromSeconds(2), limit.Token); // all rules are written
        var others = cluster.Nodes.Where(node => node.Name != victim.Name).Select(node => NetworkNamespace.OfProcess(node.InitPid!.Value)).ToList();
        var listeners = others.SelectMany(other => endpoints.Select(endpoint => (Events: new KernelEvents(other), Endpoint: endpoint))).ToList();
        try
        {
            var gone = Task.WhenAll(listeners.Select(listener => listener.Events.Next(listener.Endpoint, gone: true)));
            var (start, now) = (Stopwatch.GetTimestamp(), DateTime.UtcNow);
            LibC.kill(victim.InitPid!.Value, LibC.SIGKILL);
            var elsewhere = Elsewhere(victim.Name, limit.Token);
            await victim.Kill(); // what is left of it in cgroups and on the switch
            var lease = (await client.Get<Lease>("kube-node-lease", victim.Name, limit.Token)).Spec!;
            var left = (lease.RenewTime!.Value.AddSeconds(lease.LeaseDurationSeconds!.Value) - now).TotalSeconds;
            var rules = Stopwatch.GetElapsedTime(start, (await gone.WaitAsync(limit.Token)).Max()).TotalSeconds;
            var pods = Stopwatch.GetElapsedTime(start, await elsewhere).TotalSeconds;
            say($"the lease ended after {left:0.0} s; {endpoints.Count} endpoints out of {others.Count} kernels after {rules:0.0} s, pods Ready elsewhere after {pods:0.0} s");
            return new Times(rules, rules - left, pods, pods - left, left);
        }
        finally
        {
            foreach (var (events, _) in listeners) events.Dispose();
            foreach (var other in others) other.Dispose();
            await Back(victim, limit.Token);
        }
    }

    private async Task Back(Machine victim, CancellationToken cancel)
    {
        await victim.Boot();
        for (var ready = false; !ready; await Task.Delay(100, cancel))
            ready = (await client.Get<Node>("", victim.Name, cancel)).Status!.Conditions!.Any(condition => condition is { Type: "Ready", Status: "True" });
    }

    private async Task Scale(int replicas, CancellationToken cancel)
    {
        await client.MergePatch<Deployment>("default", "web", new { spec = new { replicas } }, cancel);
        while (await Pods(cancel) is var pods && (pods.Count != replicas || !pods.All(Agent.BenchPods.IsReady))) await Task.Delay(100, cancel);
    }

    private async Task<IReadOnlyList<Pod>> Pods(CancellationToken cancel) => (await client.List<Pod>(new ListOptions("default"), cancel)).Items;

    /// <returns>When (<see cref="Stopwatch.GetTimestamp"/>) as many pods as there were are Ready on other nodes.</returns>
    private async Task<long> Elsewhere(string victim, CancellationToken cancel)
    {
        while ((await Pods(cancel)).Count(pod => pod.Spec!.NodeName is { Length: > 0 } node && node != victim && pod.Metadata.DeletionTimestamp is null && Agent.BenchPods.IsReady(pod)) < Replicas) await Task.Delay(20, cancel);
        return Stopwatch.GetTimestamp();
    }
}
