using ControlPlane.Controllers;
using ControlPlane.Controllers.Programmed;
using KubeApi;
using KubeApi.Objects;
using static UnitTests.Controllers.ControlledCluster;
using static UnitTests.Controllers.TestObjects;

namespace UnitTests.Controllers.Programmed;

/// <summary>Both controllers in a real control plane. What nodes' kernels hold is reported by the tests; each has nodes of its own.</summary>
public class ProgrammedControllersTests(PatientCluster cluster) : IClassFixture<PatientCluster>, IAsyncLifetime
{
    private const long All = 1_000_000_000;

    private readonly ApiClient api = cluster.Api;
    private readonly List<string> nodes = [];

    private Task Report(string node, ProgrammedRevisions? held)
    {
        var annotations = new Dictionary<string, string?> { [ProgrammedRevisions.Annotation] = held?.ToString() };
        return api.MergePatch<Lease>("kube-node-lease", node, new { metadata = new { annotations } }, default);
    }

    /// <summary>Ready nodes that hold everything, and do nothing with pods.</summary>
    private async Task Nodes(params string[] names)
    {
        foreach (var name in names)
        {
            await cluster.Nodes.Register(name);
            await cluster.Until(() => api.Get<Node>("", name, default), node => NodeHealth.Ready(node) == "True");
            cluster.Nodes.Silence(name);
            nodes.Add(name);
            await Report(name, new(All, All));
        }
    }

    public Task InitializeAsync() => Task.CompletedTask;

    /// <summary>The next test's Services do not wait for this one's nodes, even if it failed.</summary>
    public async Task DisposeAsync()
    {
        foreach (var node in nodes) await Report(node, null);
    }

    private async Task<Condition> UntilCondition(string ns, Func<Condition, bool> holds) =>
        ProgrammedCondition.Of(await cluster.Until(() => api.Get<Service>(ns, "web", default), service => ProgrammedCondition.Of(service) is { } condition && holds(condition)))!;

    /// <summary>A running pod behind the Service, and the slice that says so.</summary>
    private async Task<EndpointSlice> RunPod(string ns, string name, string node, string address)
    {
        var pod = Pod(name, node);
        var made = await api.Create(pod with { Metadata = new ObjectMeta { Name = name, Namespace = ns, Labels = pod.Metadata.Labels }, Status = null }, default);
        await api.UpdateStatus(made with { Status = Pod(name, node, ip: address).Status }, default);
        return (await cluster.Until(() => cluster.List<EndpointSlice>(ns), slices => slices.Any(slice => slice.Endpoints?.Any(endpoint => endpoint.Addresses[0] == address && endpoint.Conditions?.Ready == true) == true)))[0];
    }

    private static long Revision(KubeObject obj) => long.Parse(obj.Metadata.ResourceVersion!);

    [Fact]
    public async Task A_service_is_programmed_when_all_ready_nodes_have_reported_its_spec_and_its_endpoints()
    {
        var ns = await cluster.Namespace();
        await Nodes("a-quick", "a-slow");
        await Report("a-slow", new(1, All));
        var service = await api.Create(Service(ns), default);
        Assert.Equal("Waiting for node a-slow", (await UntilCondition(ns, condition => condition.Status == "False")).Message);
        await Report("a-slow", new(Revision(service) - 1, All));
        await Report("a-slow", new(Revision(service), All));
        Assert.Equal((1L, "Programmed"), await Told("True"));

        var slice = await RunPod(ns, "web-1", "a-quick", "10.244.9.1");
        await Report("a-slow", new(All, Revision(slice) - 1));
        Assert.Equal((1L, "Pending"), await Told("False"));
        await Report("a-slow", new(All, Revision(slice)));
        await Told("True");

        // The write of a spec takes the condition away itself: nobody can be answered by the old one.
        await Report("a-slow", new(Revision(slice), All));
        var patched = await api.MergePatch<Service>(ns, "web", new { spec = new { sessionAffinity = "ClientIP" } }, default);
        Assert.Equal((2L, null), (patched.Metadata.Generation, ProgrammedCondition.Of(patched)));
        Assert.Equal((2L, "Pending"), await Told("False"));
        await Report("a-slow", new(Revision(patched), All));
        Assert.Equal((2L, "Programmed"), await Told("True"));

        async Task<(long?, string)> Told(string status) => await UntilCondition(ns, condition => condition.Status == status) is var condition ? (condition.ObservedGeneration, condition.Reason) : default;
    }

    [Fact]
    public async Task Endpoints_that_flap_do_not_make_a_write_each()
    {
        var ns = await cluster.Namespace();
        await Nodes("b-node");
        await api.Create(Service(ns), default);
        await RunPod(ns, "web-1", "b-node", "10.244.9.2");
        var before = await cluster.Until(() => api.Get<Service>(ns, "web", default), service => ProgrammedCondition.Of(service)?.Status == "True");
        for (var i = 0; i < 40; i++)
        {
            var pod = await api.Get<Pod>(ns, "web-1", default);
            var ready = i % 2 == 0 ? "False" : "True";
            var slice = (await cluster.List<EndpointSlice>(ns))[0];
            await Report("b-node", new(All, Revision(slice)));
            await api.UpdateStatus(pod with { Status = pod.Status! with { Conditions = [new PodCondition { Type = "Ready", Status = ready }] } }, default);
            var changed = await cluster.Until(() => cluster.List<EndpointSlice>(ns), slices => Revision(slices[0]) > Revision(slice));
            await Report("b-node", new(All, Revision(changed[0])));
        }
        Assert.Equal(before.Metadata.ResourceVersion, (await api.Get<Service>(ns, "web", default)).Metadata.ResourceVersion);
    }

    [Fact]
    public async Task A_pod_that_ends_is_noted_when_all_ready_nodes_hold_the_slice_that_says_so()
    {
        var ns = await cluster.Namespace();
        await Nodes("c-own", "c-slow");
        await api.Create(Service(ns), default);
        var slice = await RunPod(ns, "web-1", "c-own", "10.244.9.3");
        await Report("c-slow", new(All, Revision(slice)));
        await api.Delete<Pod>(ns, "web-1", default);
        var marked = (await cluster.Until(() => cluster.List<EndpointSlice>(ns), slices => slices[0].Endpoints?[0].Conditions?.Terminating == true))[0];
        await cluster.Until(() => cluster.List<Event>(ns), events => events.Any(e => e.Reason == "EndpointsNotWithdrawn" && e.Message == "Still in the Service rules of c-slow"));
        Assert.Null((await api.Get<Pod>(ns, "web-1", default)).Metadata.Annotations?.GetValueOrDefault(ProgrammedRevisions.WithdrawnAnnotation));
        await Report("c-slow", new(0, Revision(marked)));
        var pod = await cluster.Until(() => api.Get<Pod>(ns, "web-1", default), pod => pod.Metadata.Annotations?.ContainsKey(ProgrammedRevisions.WithdrawnAnnotation) == true);
        Assert.Equal(marked.Metadata.ResourceVersion, pod.Metadata.Annotations![ProgrammedRevisions.WithdrawnAnnotation]);
        await api.Delete<Pod>(ns, "web-1", default, new DeleteOptions { GracePeriodSeconds = 0 });
    }

    [Fact]
    public async Task A_pod_behind_no_service_is_not_written()
    {
        var ns = await cluster.Namespace();
        await Nodes("d-node");
        var pod = Pod("alone", "d-node", labels: ["app=other"]);
        await api.Create(Service(ns), default);
        var made = await api.Create(pod with { Metadata = new ObjectMeta { Name = "alone", Namespace = ns, Labels = pod.Metadata.Labels }, Status = null }, default);
        await api.UpdateStatus(made with { Status = Pod("alone", "d-node", ip: "10.244.9.4").Status }, default);
        await RunPod(ns, "web-1", "d-node", "10.244.9.5");
        await api.Delete<Pod>(ns, "alone", default);
        await api.Delete<Pod>(ns, "web-1", default);
        await cluster.Until(() => api.Get<Pod>(ns, "web-1", default), pod => pod.Metadata.Annotations?.ContainsKey(ProgrammedRevisions.WithdrawnAnnotation) == true);
        Assert.Null((await api.Get<Pod>(ns, "alone", default)).Metadata.Annotations);
        foreach (var name in new[] { "alone", "web-1" }) await api.Delete<Pod>(ns, name, default, new DeleteOptions { GracePeriodSeconds = 0 });
    }
}
