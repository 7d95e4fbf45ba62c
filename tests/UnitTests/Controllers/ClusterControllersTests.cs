using ControlPlane.Controllers;
using ControlPlane.Scheduler;
using KubeApi;
using KubeApi.Objects;
using static UnitTests.Controllers.ControlledCluster;
using static UnitTests.Controllers.TestObjects;

namespace UnitTests.Controllers;

public class ServiceControllersTests(ControlledCluster cluster) : IClassFixture<ControlledCluster>
{
    private readonly ApiClient api = cluster.Api;

    private static IEnumerable<string> Ready(Endpoints? endpoints) => (endpoints?.Subsets ?? []).SelectMany(subset => subset.Addresses ?? []).Select(address => address.Ip).Order();

    private static IEnumerable<string> Ready(IReadOnlyList<EndpointSlice> slices) =>
        slices.SelectMany(slice => slice.Endpoints ?? []).Where(endpoint => endpoint.Conditions?.Ready == true).SelectMany(endpoint => endpoint.Addresses).Order();

    private async Task UntilEndpointsAre(string ns, IReadOnlyList<Pod> pods)
    {
        var addresses = pods.Select(pod => pod.Status!.PodIP!).Order().ToList();
        await cluster.Until(() => cluster.List<EndpointSlice>(ns), slices => Ready(slices).SequenceEqual(addresses));
        await cluster.Until(async () => new { Endpoints = await api.Find<Endpoints>(ns, "web", default) }, seen => Ready(seen.Endpoints).SequenceEqual(addresses));
    }

    [Fact]
    public async Task Default_roles_are_put_together_from_their_parts_and_a_labelled_role_extends_them()
    {
        await cluster.Until(() => api.Get<ClusterRole>("", "view", default), role => role.Rules?.Any(rule => rule.Resources?.Contains("pods") == true) == true);
        await cluster.Until(() => api.Get<ClusterRole>("", "admin", default), role => role.Rules?.Any(rule => rule.Resources?.Contains("rolebindings") == true) == true);
        await api.Create(new ClusterRole
        {
            Metadata = new ObjectMeta { Name = "gadget-viewer", Labels = new Dictionary<string, string> { ["rbac.authorization.k8s.io/aggregate-to-view"] = "true" } },
            Rules = [new PolicyRule { ApiGroups = ["example.com"], Resources = ["gadgets"], Verbs = ["get"] }],
        }, default);
        // Through view and edit up to admin.
        await cluster.Until(() => api.Get<ClusterRole>("", "admin", default), role => role.Rules!.Any(rule => rule.Resources?.Contains("gadgets") == true));
        await api.Delete<ClusterRole>("", "gadget-viewer", default);
        await cluster.Until(() => api.Get<ClusterRole>("", "admin", default), role => !role.Rules!.Any(rule => rule.Resources?.Contains("gadgets") == true));
    }

    [Fact]
    public async Task An_expired_join_token_is_deleted_and_others_stay()
    {
        await api.Create(Token("old111", DateTime.UtcNow.AddMinutes(-1)), default);
        await api.Create(Token("new111", DateTime.UtcNow.AddHours(1)), default);
        await api.Create(Token("due111", DateTime.UtcNow.AddSeconds(2)), default);
        await cluster.UntilGone<Secret>("kube-system", "bootstrap-token-old111");
        await cluster.UntilGone<Secret>("kube-system", "bootstrap-token-due111");
        Assert.NotNull(await api.Find<Secret>("kube-system", "bootstrap-token-new111", default));

        static Secret Token(string id, DateTime end) => new()
        {
            Metadata = new ObjectMeta { Name = "bootstrap-token-" + id, Namespace = "kube-system" }, Type = "bootstrap.kubernetes.io/token",
            Data = new Dictionary<string, byte[]> { ["token-id"] = System.Text.Encoding.UTF8.GetBytes(id), ["expiration"] = System.Text.Encoding.UTF8.GetBytes(end.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'")) },
        };
    }

    [Fact]
    public async Task Endpoints_follow_the_pods_of_a_service()
    {
        var ns = await cluster.Namespace();
        await api.Create(Service(ns), default);
        await cluster.Until(() => cluster.List<EndpointSlice>(ns), slices => slices.Count == 1);
        await api.Create(ReplicationController(ns, 2), default);
        var pods = await cluster.UntilPods(ns, pods => pods.Count == 2 && pods.All(PodState.IsReady));
        await UntilEndpointsAre(ns, pods);

        await api.Delete<Pod>(ns, pods[0].Name, default);
        pods = await cluster.UntilPods(ns, now => now.Count == 2 && now.All(PodState.IsReady) && now.All(pod => pod.Name != pods[0].Name));
        await UntilEndpointsAre(ns, pods);
        var slice = Assert.Single(await cluster.List<EndpointSlice>(ns));
        Assert.Equal("web", slice.Metadata.Labels!["kubernetes.io/service-name"]);
        Assert.StartsWith("web-", slice.Name);
    }

    [Fact]
    public async Task A_deleted_service_takes_its_endpoints_with_it_and_leaves_those_made_by_hand()
    {
        var ns = await cluster.Namespace();
        var byHand = Labels("kubernetes.io/service-name=web", "endpointslice.kubernetes.io/managed-by=me");
        await api.Create(new EndpointSlice { Metadata = new ObjectMeta { Name = "by-hand", Namespace = ns, Labels = byHand }, AddressType = "IPv4", Endpoints = [] }, default);
        await api.Create(new Endpoints { Metadata = new ObjectMeta { Name = "external", Namespace = ns } }, default);
        await api.Create(Service(ns), default);
        await cluster.Until(async () => new { Slices = await cluster.List<EndpointSlice>(ns), Endpoints = await cluster.List<Endpoints>(ns) }, seen => seen.Slices.Count == 2 && seen.Endpoints.Count == 2);
        await api.Delete<Service>(ns, "web", default);
        await cluster.Until(() => cluster.List<EndpointSlice>(ns), slices => slices.Select(slice => slice.Name).SequenceEqual(["by-hand"]));
        await cluster.Until(() => cluster.List<Endpoints>(ns), endpoints => endpoints.Select(e => e.Name).SequenceEqual(["external"]));
    }

    [Fact]
    public async Task Endpoints_kept_by_hand_are_mirrored_into_slices_and_follow_every_change()
    {
        var ns = await cluster.Namespace();
        await api.Create(Service(ns) with { Spec = new ServiceSpec { Ports = [new ServicePort { Port = 5432, Protocol = "TCP" }] } }, default);
        var byHand = new Endpoints
        {
            Metadata = new ObjectMeta { Name = "web", Namespace = ns },
            Subsets = [new EndpointSubset { Addresses = [new EndpointAddress { Ip = "192.0.2.7" }], Ports = [new EndpointPort { Port = 5432, Protocol = "TCP" }] }],
        };
        await api.Create(byHand, default);
        var slice = (await cluster.Until(() => cluster.List<EndpointSlice>(ns), slices => Ready(slices).SequenceEqual(["192.0.2.7"])))[0];
        Assert.Equal("endpointslicemirroring-controller.k8s.io", slice.Metadata.Labels!["endpointslice.kubernetes.io/managed-by"]);

        await api.Update(byHand with { Subsets = [byHand.Subsets![0] with { Addresses = [new EndpointAddress { Ip = "192.0.2.8" }] }] }, default);
        await cluster.Until(() => cluster.List<EndpointSlice>(ns), slices => Ready(slices).SequenceEqual(["192.0.2.8"]));
        await api.Delete<EndpointSlice>(ns, slice.Name, default);
        await cluster.Until(() => cluster.List<EndpointSlice>(ns), slices => slices.Count == 1 && slices[0].Name != slice.Name);
        await api.MergePatch<Endpoints>(ns, "web", new { metadata = new { labels = Labels("endpointslice.kubernetes.io/skip-mirror=true") } }, default);
        await cluster.Until(() => cluster.List<EndpointSlice>(ns), slices => slices.Count == 0);
        Assert.Single(await cluster.List<EndpointSlice>("default")); // that of the API server itself is not mirrored
    }

    [Fact]
    public async Task A_slice_that_somebody_damages_is_mended()
    {
        var ns = await cluster.Namespace();
        await api.Create(Service(ns), default);
        await api.Create(ReplicationController(ns, 2), default);
        var pods = await cluster.UntilPods(ns, pods => pods.Count == 2 && pods.All(PodState.IsReady));
        await UntilEndpointsAre(ns, pods);
        var slice = Assert.Single(await cluster.List<EndpointSlice>(ns));
        await api.MergePatch<EndpointSlice>(ns, slice.Name, new { endpoints = Array.Empty<object>() }, default);
        await api.Delete<Endpoints>(ns, "web", default);
        await UntilEndpointsAre(ns, pods);
    }

    [Fact]
    public async Task A_new_namespace_is_furnished_and_a_deleted_one_is_emptied_and_goes()
    {
        var ns = await cluster.Namespace();
        await cluster.Until(() => cluster.List<ServiceAccount>(ns), accounts => accounts.Any(account => account.Name == "default"));
        var map = await cluster.Until(async () => new { Map = await api.Find<ConfigMap>(ns, "kube-root-ca.crt", default) }, seen => seen.Map is not null);
        Assert.Equal("the certificate", map.Map!.Data!["ca.crt"]);

        await api.Create(Deployment(ns, 3), default);
        await api.Create(Service(ns), default);
        await api.Create(new Secret { Metadata = new ObjectMeta { Name = "s", Namespace = ns } }, default);
        await cluster.UntilPods(ns, pods => pods.Count == 3 && pods.All(PodState.IsReady));
        await api.Delete<Namespace>("", ns, default);
        await cluster.UntilGone<Namespace>("", ns);
        Assert.Empty(await cluster.List<Pod>(ns));
        Assert.Empty(await cluster.List<Secret>(ns));
        Assert.Empty(await cluster.List<ReplicaSet>(ns));
        Assert.Empty(await cluster.List<Event>(ns));
    }

    [Fact]
    public async Task A_furnishing_that_somebody_removes_is_put_back()
    {
        var ns = await cluster.Namespace();
        var first = await cluster.Until(async () => new { Map = await api.Find<ConfigMap>(ns, "kube-root-ca.crt", default) }, seen => seen.Map is not null);
        await api.Delete<ConfigMap>(ns, "kube-root-ca.crt", default);
        await cluster.Until(async () => new { Map = await api.Find<ConfigMap>(ns, "kube-root-ca.crt", default) }, seen => seen.Map is not null && seen.Map.Metadata.Uid != first.Map!.Metadata.Uid);
    }
}

/// <summary>One scenario per cluster: the nodes belong to all tests of one.</summary>
public class NodeControllersTests(ImpatientCluster cluster) : IClassFixture<ImpatientCluster>
{
    private readonly ApiClient api = cluster.Api;

    [Fact]
    public async Task A_node_that_falls_silent_loses_its_pods_and_gets_new_ones_when_it_is_back()
    {
        var nodes = await cluster.Until(() => cluster.List<Node>(""), nodes => nodes.All(node => node.Spec?.PodCIDR is not null));
        Assert.Equal(["10.244.0.0/24", "10.244.1.0/24"], nodes.Select(node => node.Spec!.PodCIDR).Order());
        Assert.All(nodes, node => Assert.Equal([node.Spec!.PodCIDR!], node.Spec.PodCIDRs!));

        var ns = await cluster.Namespace();
        await api.Create(Service(ns), default);
        var rc = ReplicationController(ns, 2);
        var impatient = new[] { Tolerations.Unreachable, Tolerations.NotReady }.Select(key => new Toleration { Key = key, Operator = "Exists", Effect = "NoExecute", TolerationSeconds = 2 }).ToList();
        await api.Create(rc with { Spec = rc.Spec! with { Template = rc.Spec.Template! with { Spec = rc.Spec.Template.Spec! with { Tolerations = impatient } } } }, default);
        var pods = await cluster.UntilPods(ns, pods => pods.Count == 2 && pods.All(PodState.IsReady));
        var lost = pods.Single(pod => pod.Spec!.NodeName == "node2");

        cluster.Nodes.Silence("node2");
        var node = await cluster.Until(() => api.Get<Node>("", "node2", default), node => NodeHealth.Ready(node) == "Unknown" && node.Spec?.Taints?.Count == 2);
        Assert.Equal("NodeStatusUnknown", node.Status!.Conditions!.Single(condition => condition.Type == "Ready").Reason);
        Assert.Equal(["NoExecute", "NoSchedule"], node.Spec!.Taints!.Where(taint => taint.Key == Tolerations.Unreachable).Select(taint => taint.Effect).Order());
        await cluster.Until(() => cluster.List<EndpointSlice>(ns), slices => slices.SelectMany(slice => slice.Endpoints ?? [])
            .Where(endpoint => endpoint.Conditions!.Ready == true).All(endpoint => endpoint.NodeName == "node1"));
        var replaced = await cluster.UntilPods(ns, now => now.Count == 2 && now.All(PodState.IsReady));
        Assert.All(replaced, pod => Assert.Equal("node1", pod.Spec!.NodeName));
        Assert.NotNull((await api.Get<Pod>(ns, lost.Name, default)).Metadata.DeletionTimestamp); // nobody there to end it

        cluster.Nodes.Wake("node2");
        await cluster.Until(() => api.Get<Node>("", "node2", default), node => NodeHealth.Ready(node) == "True" && node.Spec?.Taints is not { Count: > 0 });
        await cluster.UntilGone<Pod>(ns, lost.Name);
        await api.MergePatch<ReplicationController>(ns, "web", new { spec = new { replicas = 4 } }, default);
        pods = await cluster.UntilPods(ns, pods => pods.Count == 4 && pods.All(PodState.IsReady));
        Assert.Equal(2, pods.Count(pod => pod.Spec!.NodeName == "node2"));

        cluster.Nodes.Silence("node2");
        await api.Delete<Node>("", "node2", default);
        await cluster.Until(() => cluster.List<Pod>(ns), all => all.Count == 4 && all.All(pod => pod.Spec!.NodeName == "node1"));
    }
}
