using ControlPlane.Controllers;
using KubeApi.Objects;
using static UnitTests.Controllers.TestObjects;

namespace UnitTests.Controllers;

public class ServiceEndpointTests
{
    private static ContainerPort Named(string name, int port, string protocol = "TCP") => new() { Name = name, Port = port, Protocol = protocol };

    private static Pod WithPorts(Pod pod, params ContainerPort[] ports) => pod with { Spec = pod.Spec! with { Containers = [pod.Spec.Containers[0] with { Ports = ports }] } };

    [Fact]
    public void Pods_that_match_have_an_address_and_have_not_ended_are_members()
    {
        var members = ServiceEndpoint.Of(Service(), [Pod("b", ip: "10.0.0.2"), Pod("a", ip: "10.0.0.1"), Pod("other", ip: "10.0.0.3", labels: ["app=x"]), Pod("no-ip"), Pod("done", ip: "10.0.0.4", phase: "Succeeded"), Pod("ending", ip: "10.0.0.5", deleting: true)]);
        Assert.Equal(["a", "b", "ending"], members.Select(member => member.Pod.Name));
        Assert.True(members[2].Terminating);
    }

    [Fact]
    public void The_ipv4_address_of_a_pod_counts()
    {
        var pod = Pod("a", ip: "fd00::1");
        Assert.Empty(ServiceEndpoint.Of(Service(), [pod]));
        pod = pod with { Status = pod.Status! with { PodIPs = [new PodIP { Ip = "fd00::1" }, new PodIP { Ip = "10.0.0.9" }] } };
        Assert.Equal("10.0.0.9", Assert.Single(ServiceEndpoint.Of(Service(), [pod])).Address);
    }

    [Fact]
    public void A_port_by_name_is_each_pods_own_number_and_a_pod_may_lack_it()
    {
        var service = Service(ports: [new ServicePort { Name = "web", Port = 80, TargetPort = "http", Protocol = "TCP" }, new ServicePort { Name = "dns", Port = 53, TargetPort = "dns", Protocol = "UDP" }]);
        var members = ServiceEndpoint.Of(service, [WithPorts(Pod("a", ip: "10.0.0.1"), Named("http", 8080), Named("dns", 5353, "UDP")), WithPorts(Pod("b", ip: "10.0.0.2"), Named("http", 9090), Named("dns", 53, "TCP")), Pod("c", ip: "10.0.0.3")]);
        Assert.Equal([("web", 8080), ("dns", 5353)], members[0].Ports.Select(port => (port.Name!, port.Port!.Value)));
        Assert.Equal([("web", 9090)], members[1].Ports.Select(port => (port.Name!, port.Port!.Value)));
        Assert.Empty(members[2].Ports);
    }

    [Fact]
    public void A_target_port_left_out_is_the_port_itself() =>
        Assert.Equal(80, ServiceEndpoint.Of(Service(ports: [new ServicePort { Port = 80 }]), [Pod("a", ip: "10.0.0.1")])[0].Ports[0].Port);
}

public class EndpointSlicePlanTests
{
    private static readonly Service Web = Service();

    private static EndpointSlicePlan Plan(Service service, IEnumerable<Pod> pods, params EndpointSlice[] existing) =>
        EndpointSlicePlan.Compute(service, ServiceEndpoint.Of(service, pods), existing, node => node == "node1" ? "zone-a" : null);

    private static int names;

    private static EndpointSlice Stored(EndpointSlice slice) => slice.Metadata.Name is not null ? slice
        : slice with { Metadata = slice.Metadata with { Name = $"{slice.Metadata.GenerateName}{names++:d5}", Uid = Guid.NewGuid().ToString() } };

    /// <summary>The slices after the plan is carried out.</summary>
    private static EndpointSlice[] Carry(EndpointSlicePlan plan, EndpointSlice[] existing) =>
        [.. existing.Where(slice => plan.Update.Concat(plan.Delete).All(other => other.Name != slice.Name)), .. plan.Update, .. plan.Create.Select(Stored)];

    [Fact]
    public void A_new_service_gets_a_slice_with_labels_owner_ports_and_endpoints()
    {
        var slice = Assert.Single(Plan(Web, [Pod("a", ip: "10.0.0.1"), Pod("b", node: "node2", ready: false, ip: "10.0.0.2"), Pod("c", ip: "10.0.0.3", deleting: true)]).Create);
        Assert.Equal(("web-", "default", "IPv4"), (slice.Metadata.GenerateName, slice.Metadata.Namespace, slice.AddressType));
        Assert.Equal(Labels("owner=me", "kubernetes.io/service-name=web", "endpointslice.kubernetes.io/managed-by=endpointslice-controller.k8s.io"), slice.Metadata.Labels!);
        Assert.Equal(("Service", "web", "uid-web", true), (slice.Metadata.OwnerReferences![0].Kind, slice.Metadata.OwnerReferences[0].Name, slice.Metadata.OwnerReferences[0].Uid, slice.Metadata.OwnerReferences[0].Controller));
        Assert.Equal(new DiscoveryEndpointPort { Name = "", Protocol = "TCP", Port = 80 }, Assert.Single(slice.Ports!));
        Assert.Equal([(true, true, false), (false, false, false), (false, true, true)],
            slice.Endpoints!.Select(e => (e.Conditions!.Ready!.Value, e.Conditions.Serving!.Value, e.Conditions.Terminating!.Value)));
        Assert.Equal(("10.0.0.1", "node1", "zone-a", "Pod", "a"), (slice.Endpoints![0].Addresses[0], slice.Endpoints[0].NodeName, slice.Endpoints[0].Zone, slice.Endpoints[0].TargetRef!.Kind, slice.Endpoints[0].TargetRef!.Name));
        Assert.Null(slice.Endpoints[1].Zone);
    }

    [Fact]
    public void Addresses_that_are_not_ready_are_published_where_the_service_asks_for_it()
    {
        var service = Web with { Spec = Web.Spec! with { PublishNotReadyAddresses = true, ClusterIP = "None" } };
        var slice = Assert.Single(Plan(service, [Pod("a", ready: false, ip: "10.0.0.1")]).Create);
        Assert.Equal((true, false), (slice.Endpoints![0].Conditions!.Ready, slice.Endpoints[0].Conditions!.Serving));
        Assert.Equal("", slice.Metadata.Labels!["service.kubernetes.io/headless"]);
    }

    [Fact]
    public void A_pod_of_a_headless_services_subdomain_has_its_hostname()
    {
        var pod = Pod("a", ip: "10.0.0.1");
        pod = pod with { Spec = pod.Spec! with { Hostname = "db-0", Subdomain = "web" } };
        Assert.Equal("db-0", Plan(Web, [pod]).Create[0].Endpoints![0].Hostname);
        Assert.Null(Plan(Service("other"), [pod]).Create[0].Endpoints![0].Hostname);
    }

    [Fact]
    public void Nothing_to_change_changes_nothing()
    {
        Pod[] pods = [Pod("a", ip: "10.0.0.1"), Pod("b", ip: "10.0.0.2")];
        var slices = Carry(Plan(Web, pods), []);
        var plan = Plan(Web, pods, slices);
        Assert.Equal((0, 0, 0), (plan.Create.Count, plan.Update.Count, plan.Delete.Count));
    }

    [Fact]
    public void A_service_without_pods_keeps_one_empty_slice_which_the_first_pod_fills()
    {
        var slices = Carry(Plan(Web, []), []);
        Assert.Empty(Assert.Single(slices).Endpoints ?? []);
        var plan = Plan(Web, [], slices);
        Assert.Equal((0, 0, 0), (plan.Create.Count, plan.Update.Count, plan.Delete.Count));
        plan = Plan(Web, [Pod("a", ip: "10.0.0.1")], slices);
        Assert.Equal((0, 1, 0), (plan.Create.Count, plan.Update.Count, plan.Delete.Count));
        Assert.Equal(slices[0].Name, plan.Update[0].Name);
        plan = Plan(Web, [], Carry(plan, slices));
        Assert.Equal((0, 1, 0), (plan.Create.Count, plan.Update.Count, plan.Delete.Count));
    }

    [Fact]
    public void Pods_with_different_ports_are_in_different_slices()
    {
        var service = Service(ports: [new ServicePort { Port = 80, TargetPort = "http" }]);
        static Pod With(Pod pod, int port) => pod with { Spec = pod.Spec! with { Containers = [pod.Spec.Containers[0] with { Ports = [new ContainerPort { Name = "http", Port = port }] }] } };
        var plan = Plan(service, [With(Pod("a", ip: "10.0.0.1"), 8080), With(Pod("b", ip: "10.0.0.2"), 9090), With(Pod("c", ip: "10.0.0.3"), 8080)]);
        Assert.Equal(["8080:a,c", "9090:b"], plan.Create.Select(slice => $"{slice.Ports![0].Port}:{string.Join(',', slice.Endpoints!.Select(e => e.TargetRef!.Name))}").Order());
    }

    [Fact]
    public void A_slice_takes_a_hundred_and_one_pods_change_rewrites_one_slice()
    {
        var pods = Enumerable.Range(0, 250).Select(i => Pod($"p{i:d3}", ip: $"10.0.{i / 200}.{i % 200 + 1}")).ToList();
        var slices = Carry(Plan(Web, pods), []);
        Assert.Equal([100, 100, 50], slices.Select(slice => slice.Endpoints!.Count).OrderDescending());
        pods[120] = Pod("p120", ready: false, ip: "10.0.0.121");
        var plan = Plan(Web, pods, slices);
        Assert.Equal((0, 1, 0), (plan.Create.Count, plan.Update.Count, plan.Delete.Count));
        plan = Plan(Web, pods.Append(Pod("zz", ip: "10.0.9.9")), Carry(plan, slices));
        Assert.Equal((0, 1, 0), (plan.Create.Count, plan.Update.Count, plan.Delete.Count));
    }

    [Fact]
    public void Whatever_comes_and_goes_every_pod_is_in_exactly_one_slice()
    {
        var random = new Random(7);
        var (pods, slices, next) = (new List<Pod>(), Array.Empty<EndpointSlice>(), 0);
        for (var round = 0; round < 60; round++)
        {
            for (var i = random.Next(80); i > 0; i--) pods.Add(Pod($"p{next:d4}", ready: random.Next(2) == 0, ip: $"10.{next / 40000}.{next / 200 % 200}.{next++ % 200 + 1}"));
            for (var i = random.Next(80); i > 0 && pods.Count > 0; i--) pods.RemoveAt(random.Next(pods.Count));
            slices = Carry(Plan(Web, pods, slices), slices);
            var present = slices.SelectMany(slice => slice.Endpoints ?? []).Select(e => e.TargetRef!.Name!).Order().ToList();
            Assert.Equal(pods.Select(pod => pod.Name).Order(), present);
            Assert.All(slices, slice => Assert.InRange(slice.Endpoints?.Count ?? 0, pods.Count == 0 ? 0 : 1, 100));
            var again = Plan(Web, pods, slices);
            Assert.Equal((0, 0, 0), (again.Create.Count, again.Update.Count, again.Delete.Count));
        }
    }

    [Fact]
    public void New_pods_go_to_a_slice_that_is_rewritten_anyway_or_to_the_fullest_that_takes_them_all()
    {
        Pod[] Pods(int from, int count) => Enumerable.Range(from, count).Select(i => Pod($"p{i:d4}", ip: $"10.0.{i / 200}.{i % 200 + 1}")).ToArray();
        EndpointSlice Slice(string name, Pod[] pods) => Stored(Plan(Web, pods).Create[0] with { Metadata = Plan(Web, pods).Create[0].Metadata with { Name = name, Uid = name } });
        var (full, half, little) = (Pods(0, 100), Pods(100, 50), Pods(200, 10));
        EndpointSlice[] slices = [Slice("full", full), Slice("half", half), Slice("little", little)];
        Pod[] all = [.. full, .. half, .. little];

        Assert.Equal(["half"], Plan(Web, [.. all, .. Pods(300, 5)], slices).Update.Select(slice => slice.Name));
        Assert.Equal(["little"], Plan(Web, [.. all, .. Pods(300, 60)], slices).Update.Select(slice => slice.Name));
        var plan = Plan(Web, [.. all, .. Pods(300, 95)], slices);
        Assert.Empty(plan.Update);
        Assert.Equal(95, Assert.Single(plan.Create).Endpoints!.Count);
        Assert.Equal(["full"], Plan(Web, [.. all.Skip(1), .. Pods(300, 1)], slices).Update.Select(slice => slice.Name));
    }

    [Theory]
    [InlineData("PreferClose", "zone-a", null)]
    [InlineData("PreferSameZone", "zone-a", null)]
    [InlineData("PreferSameNode", "zone-a", "node1")]
    [InlineData(null, null, null)]
    public void Ready_endpoints_of_a_known_zone_say_who_should_use_them(string? distribution, string? zone, string? node)
    {
        var service = Web with { Spec = Web.Spec! with { TrafficDistribution = distribution } };
        var endpoints = Plan(service, [Pod("a", ip: "10.0.0.1"), Pod("b", ready: false, ip: "10.0.0.2"), Pod("c", node: "node2", ip: "10.0.0.3")]).Create[0].Endpoints!;
        Assert.Equal((zone, node), (endpoints[0].Hints?.ForZones?[0].Name, endpoints[0].Hints?.ForNodes?[0].Name));
        Assert.Null(endpoints[1].Hints);
        Assert.Equal((null, node is null ? null : "node2"), (endpoints[2].Hints?.ForZones, endpoints[2].Hints?.ForNodes?[0].Name)); // its node says no zone
    }

    [Fact]
    public void What_changes_tells_since_when_and_the_time_alone_changes_nothing()
    {
        var (triggers, service) = (new TriggerTimes(), Web with { Metadata = Web.Metadata with { CreationTimestamp = Now.AddHours(-3) } });
        Pod[] pods = [Pod("a", ip: "10.0.0.1", readySince: Now.AddHours(-2))];
        string? Annotation(EndpointSlice slice) => slice.Metadata.Annotations?.GetValueOrDefault(TriggerTimes.Annotation);
        EndpointSlicePlan Next(EndpointSlice[] existing)
        {
            var members = ServiceEndpoint.Of(service, pods);
            return EndpointSlicePlan.Compute(service, members, existing, _ => null, triggers.Next("default/web", service, members));
        }
        var slices = Carry(Next([]), []);
        Assert.Equal("2026-05-01T09:00:00Z", Annotation(slices[0]));
        Assert.Empty(Next(slices).Update);
        pods = [.. pods, Pod("b", ip: "10.0.0.2", readySince: Now)];
        slices = Carry(Next(slices), slices);
        Assert.Equal("2026-05-01T12:00:00Z", Annotation(slices[0]));
        pods = pods[..1];
        Assert.Null(Annotation(Assert.Single(Next(slices).Update))); // nobody knows when a pod went
    }

    [Fact]
    public void A_changed_label_of_the_service_is_copied()
    {
        var slices = Carry(Plan(Web, [Pod("a", ip: "10.0.0.1")]), []);
        var service = Web with { Metadata = Web.Metadata with { Labels = Labels("owner=you") } };
        Assert.Equal("you", Assert.Single(Plan(service, [Pod("a", ip: "10.0.0.1")], slices).Update).Metadata.Labels!["owner"]);
    }
}

public class EndpointsPlanTests
{
    private static Endpoints Compute(Service service, params Pod[] pods) => EndpointsPlan.Compute(service, ServiceEndpoint.Of(service, pods), null);

    [Fact]
    public void Ready_and_not_ready_addresses_are_apart_and_ending_pods_are_out()
    {
        var endpoints = Compute(Service(), Pod("b", ip: "10.0.0.2"), Pod("a", ip: "10.0.0.1"), Pod("c", ready: false, ip: "10.0.0.3"), Pod("d", ip: "10.0.0.4", deleting: true));
        var subset = Assert.Single(endpoints.Subsets!);
        Assert.Equal(["10.0.0.1", "10.0.0.2"], subset.Addresses!.Select(address => address.Ip));
        Assert.Equal(["10.0.0.3"], subset.NotReadyAddresses!.Select(address => address.Ip));
        Assert.Equal(new EndpointPort { Port = 80, Protocol = "TCP" }, Assert.Single(subset.Ports!));
        Assert.Equal(("web", "default", "me"), (endpoints.Name, endpoints.Namespace, endpoints.Metadata.Labels!["owner"]));
        Assert.Equal(("node1", "a"), (subset.Addresses![0].NodeName, subset.Addresses[0].TargetRef!.Name));
        Assert.True(EndpointsPlan.IsOurs(endpoints));
    }

    [Fact]
    public void An_object_that_is_right_is_the_same_again()
    {
        var (service, pod) = (Service(), Pod("a", ip: "10.0.0.1"));
        var first = Compute(service, pod);
        Assert.Same(first, EndpointsPlan.Compute(service, ServiceEndpoint.Of(service, [pod]), first));
        Assert.NotSame(first, EndpointsPlan.Compute(service, [], first));
    }

    [Fact]
    public void Without_pods_there_are_no_subsets() => Assert.Empty(Compute(Service()).Subsets!);

    [Fact]
    public void Only_a_headless_service_does_without_ports()
    {
        var service = Service() with { Spec = Service().Spec! with { Ports = [] } };
        Assert.Empty(Compute(service, Pod("a", ip: "10.0.0.1")).Subsets!);
        Assert.Single(Compute(service with { Spec = service.Spec! with { ClusterIP = "None" } }, Pod("a", ip: "10.0.0.1")).Subsets!);
    }

    [Fact]
    public void More_than_a_thousand_addresses_are_cut_and_marked()
    {
        var endpoints = Compute(Service(), Enumerable.Range(0, 1100).Select(i => Pod($"p{i}", ready: i % 2 == 0, ip: $"10.0.{i / 200}.{i % 200}")).ToArray());
        Assert.Equal(1000, endpoints.Subsets!.Sum(subset => subset.Addresses!.Count + subset.NotReadyAddresses!.Count));
        Assert.Equal(550, endpoints.Subsets!.Sum(subset => subset.Addresses!.Count)); // ready ones first
        Assert.Equal("truncated", endpoints.Metadata.Annotations![EndpointsPlan.OverCapacity]);
    }
}

public class MirroredSlicesTests
{
    private static Endpoints Endpoints(params EndpointSubset[] subsets) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = "db", Namespace = "default", Uid = "uid-db", Labels = Labels("team=a"),
            Annotations = new Dictionary<string, string> { ["note"] = "x", ["kubectl.kubernetes.io/last-applied-configuration"] = "{}" },
        },
        Subsets = subsets,
    };

    private static EndpointSubset Subset(int port, params string[] addresses) =>
        new() { Addresses = addresses.Select(ip => new EndpointAddress { Ip = ip }).ToList(), Ports = [new EndpointPort { Port = port, Protocol = "TCP" }] };

    private static EndpointSlice Stored(EndpointSlice slice, string name) => slice with { Metadata = slice.Metadata with { Name = name, Uid = name } };

    [Fact]
    public void Every_port_set_and_family_gets_a_slice_with_labels_annotations_and_owner()
    {
        var subset = Subset(5432, "10.0.0.1", "fd00::1") with { NotReadyAddresses = [new EndpointAddress { Ip = "10.0.0.2", NodeName = "n", Hostname = "h" }] };
        var slices = MirroredSlices.Compute(Endpoints(subset, Subset(80, "10.0.0.3")), []).Create;
        Assert.Equal(["IPv4 5432 10.0.0.1:True,10.0.0.2:False", "IPv6 5432 fd00::1:True", "IPv4 80 10.0.0.3:True"], slices.Select(slice =>
            $"{slice.AddressType} {slice.Ports![0].Port} {string.Join(',', slice.Endpoints!.Select(endpoint => $"{endpoint.Addresses[0]}:{endpoint.Conditions!.Ready}"))}"));
        Assert.Equal(("n", "h"), (slices[0].Endpoints![1].NodeName, slices[0].Endpoints![1].Hostname));
        Assert.Equal(Labels("team=a", "kubernetes.io/service-name=db", "endpointslice.kubernetes.io/managed-by=endpointslicemirroring-controller.k8s.io"), slices[0].Metadata.Labels!);
        Assert.Equal(Labels("note=x"), slices[0].Metadata.Annotations!);
        Assert.Equal(("Endpoints", "uid-db", true), (Ownership.ControllerOf(slices[0])!.Kind, Ownership.ControllerOf(slices[0])!.Uid, Ownership.ControllerOf(slices[0])!.Controller));
        Assert.Equal("db-", slices[0].Metadata.GenerateName);
    }

    [Fact]
    public void Only_what_changes_is_written()
    {
        var endpoints = Endpoints(Subset(80, "10.0.0.1"), Subset(81, "10.0.0.1"));
        EndpointSlice[] slices = MirroredSlices.Compute(endpoints, []).Create.Select((slice, i) => Stored(slice, $"s{i}")).ToArray();
        var same = MirroredSlices.Compute(endpoints, slices);
        Assert.Equal((0, 0, 0), (same.Create.Count, same.Update.Count, same.Delete.Count));
        var changed = MirroredSlices.Compute(Endpoints(Subset(80, "10.0.0.1", "10.0.0.2")), slices);
        Assert.Equal(["s0"], changed.Update.Select(slice => slice.Name));
        Assert.Equal(["s1"], changed.Delete.Select(slice => slice.Name));
    }

    [Fact]
    public void Without_addresses_an_empty_slice_remains()
    {
        var slice = Assert.Single(MirroredSlices.Compute(Endpoints(), []).Create);
        Assert.Equal(("IPv4", 0, 0), (slice.AddressType, slice.Endpoints!.Count, slice.Ports!.Count));
    }

    [Fact]
    public void A_thousand_addresses_of_a_subset_are_mirrored_and_the_rest_is_counted()
    {
        var plan = MirroredSlices.Compute(Endpoints(Subset(80, Enumerable.Range(0, 1010).Select(i => $"10.1.{i / 200}.{i % 200}").ToArray())), []);
        Assert.Equal((1000, 10), (Assert.Single(plan.Create).Endpoints!.Count, plan.Skipped));
    }

    [Theory]
    [InlineData("", "", "", true)]
    [InlineData("app=x", "", "", false)]
    [InlineData("", "endpointslice.kubernetes.io/skip-mirror=true", "", false)]
    [InlineData("", "", "control-plane.alpha.kubernetes.io/leader=me", false)]
    public void Endpoints_of_a_service_without_selector_are_mirrored_unless_they_say_no(string selector, string label, string annotation, bool mirrored)
    {
        static Dictionary<string, string> Map(string pair) => pair.Length == 0 ? [] : Labels(pair);
        var endpoints = new Endpoints { Metadata = new ObjectMeta { Name = "db", Labels = Map(label), Annotations = Map(annotation) } };
        Assert.Equal(mirrored, MirroredSlices.IsMirrored(endpoints, new Service { Spec = new ServiceSpec { Selector = Map(selector) } }));
        Assert.False(MirroredSlices.IsMirrored(endpoints, null));
    }
}
