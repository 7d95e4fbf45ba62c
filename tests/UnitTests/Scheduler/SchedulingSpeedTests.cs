using System.Diagnostics;
using ControlPlane.Scheduler;
using KubeApi;
using KubeApi.Objects;
using Xunit;
using Xunit.Abstractions;
using static UnitTests.Controllers.TestObjects;

namespace UnitTests.Scheduler;

/// <summary>5,000 pods on 1,000 nodes: how many decisions a second; the figure is printed, not judged.</summary>
public class SchedulingSpeedTests(ITestOutputHelper output)
{
    private const int Nodes = 1000, Pods = 5000, Owners = 50;

    [Theory]
    [InlineData("plain")]
    [InlineData("spread")]
    [InlineData("anti-affinity")]
    public void Every_pod_finds_a_node_and_the_owners_pods_are_apart(string kind)
    {
        var cache = new SchedulerCache(_ => null);
        for (var i = 0; i < Nodes; i++) cache.NodeChanged(null, Node($"n{i:d4}", labels: [$"kubernetes.io/hostname=n{i:d4}", $"topology.kubernetes.io/zone=z{i % 3}"]));
        var clock = Stopwatch.StartNew();
        var placed = Enumerable.Range(0, Pods).Select(i => (Owner: i % Owners, cache.Assume(New(i, kind), []).Node)).ToList();
        output.WriteLine($"{kind}: {Pods / clock.Elapsed.TotalSeconds:0} pods/s on {Nodes} nodes, {clock.Elapsed.TotalMilliseconds / Pods:0.000} ms a pod");
        Assert.All(placed, pod => Assert.NotNull(pod.Node));
        foreach (var owner in placed.GroupBy(pod => pod.Owner)) Assert.Equal(Pods / Owners, owner.Select(pod => pod.Node).Distinct().Count());
    }

    private static Pod New(int i, string kind)
    {
        var owner = i % Owners;
        var pod = Pod($"p{i:d4}", node: null, ready: false, phase: "Pending", labels: [$"app=a{owner}"], owner: $"rs-{owner}");
        var selector = new LabelSelector { MatchLabels = pod.Metadata.Labels };
        var spec = pod.Spec! with { Containers = [new Container { Name = "c", Resources = new ResourceRequirements { Requests = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("100m"), ["memory"] = Quantity.Parse("100Mi") } } }] };
        return pod with
        {
            Spec = kind switch
            {
                "spread" => spec with { TopologySpreadConstraints = [new TopologySpreadConstraint { MaxSkew = 1, TopologyKey = "kubernetes.io/hostname", WhenUnsatisfiable = "DoNotSchedule", LabelSelector = selector }] },
                "anti-affinity" => spec with { Affinity = new Affinity { PodAntiAffinity = new PodAntiAffinity { RequiredDuringSchedulingIgnoredDuringExecution = [new PodAffinityTerm { TopologyKey = "kubernetes.io/hostname", LabelSelector = selector }] } } },
                _ => spec,
            },
        };
    }
}
