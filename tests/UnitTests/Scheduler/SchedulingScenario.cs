using ControlPlane.Scheduler;
using KubeApi;
using KubeApi.Objects;
using UnitTests.Registry;
using static UnitTests.Controllers.TestObjects;

namespace UnitTests.Scheduler;

/// <summary>A scheduler's cache with nodes and pods written as in a manifest.</summary>
internal sealed class SchedulingScenario
{
    private readonly Dictionary<string, Dictionary<string, string>> namespaces = [];
    private int names;

    public SchedulingScenario() => Cache = new SchedulerCache(ns => namespaces.GetValueOrDefault(ns));

    public SchedulerCache Cache { get; }

    public SchedulingScenario Node(string name, params string[] labels)
    {
        Cache.NodeChanged(null, UnitTests.Controllers.TestObjects.Node(name, labels: ["kubernetes.io/hostname=" + name, .. labels]));
        return this;
    }

    /// <summary>Nodes a1, a2, … in zone a, b1, … in zone b.</summary>
    public SchedulingScenario Zones(params string[] names)
    {
        foreach (var name in names) Node(name, "zone=" + name[..1]);
        return this;
    }

    public SchedulingScenario Namespace(string name, params string[] labels)
    {
        namespaces[name] = Labels(labels);
        Cache.NamespaceChanged();
        return this;
    }

    public Pod Pod(string labels = "", string spec = "", string ns = "default")
    {
        var name = $"p{names++:d3}";
        var text = $"metadata: {{name: {name}, namespace: {ns}, labels: {{{labels}}}}}\nspec: {{{(spec.Length > 0 ? spec + ", " : "")}containers: [{{name: c, image: i}}]}}";
        var pod = Manifest.Create<Pod>(text);
        return pod with { Metadata = pod.Metadata with { Uid = "uid-" + name } };
    }

    /// <summary>The pod runs on the node already.</summary>
    public Pod Place(string node, string labels = "", string spec = "", string ns = "default")
    {
        var pod = Pod(labels, spec, ns);
        pod = pod with { Spec = pod.Spec! with { NodeName = node } };
        Cache.PodChanged(null, pod);
        return pod;
    }

    public Decision Schedule(string labels = "", string spec = "", string ns = "default") => Cache.Assume(Pod(labels, spec, ns), []);

    public string? Where(string labels = "", string spec = "", string ns = "default") => Schedule(labels, spec, ns).Node;

    public string WhyNot(string labels = "", string spec = "", string ns = "default")
    {
        var decision = Schedule(labels, spec, ns);
        Xunit.Assert.Null(decision.Node);
        return decision.Message;
    }
}
