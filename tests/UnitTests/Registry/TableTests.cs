using KubeApi.Objects;

namespace UnitTests.Registry;

/// <summary>Rows as <c>kubectl get -o wide</c> prints them.</summary>
public class TableTests
{
    private static readonly DateTime Now = new(2026, 5, 1, 12, 0, 0, DateTimeKind.Utc);

    private static string Row<T>(string yaml) where T : KubeObject => Manifest.Row(Manifest.Read<T>(yaml), Now);

    private static string PodRow(string status, string spec = "{containers: [{name: a}, {name: b}]}", string metadata = "") =>
        Row<Pod>($"metadata: {{name: p, creationTimestamp: '2026-05-01T11:54:30Z'{metadata}}}\nspec: {spec}\nstatus: {status}");

    private const string Running = "state: {running: {startedAt: '2026-05-01T11:55:00Z'}}, ready: true";

    [Theory]
    [InlineData("{phase: Pending}", "0/2|Pending|0")]
    [InlineData("{phase: Failed, reason: Evicted}", "0/2|Evicted|0")]
    [InlineData("{phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: SchedulingGated}]}", "0/2|SchedulingGated|0")]
    [InlineData("{phase: Pending, containerStatuses: [{name: a, state: {waiting: {reason: ContainerCreating}}}, {name: b, state: {waiting: {reason: ErrImagePull}}}]}", "0/2|ContainerCreating|0")]
    [InlineData("{phase: Running, containerStatuses: [{name: a, " + Running + "}, {name: b, " + Running + "}]}", "2/2|Running|0")]
    [InlineData("{phase: Running, containerStatuses: [{name: a, " + Running + ", restartCount: 3, lastState: {terminated: {exitCode: 1, finishedAt: '2026-05-01T11:55:00Z'}}}, {name: b, " + Running + "}]}", "2/2|Running|3 (5m ago)")]
    [InlineData("{phase: Running, containerStatuses: [{name: a, " + Running + ", restartCount: 2}]}", "1/2|Running|2")]
    [InlineData("{phase: Running, containerStatuses: [{name: a, restartCount: 1, state: {waiting: {reason: CrashLoopBackOff}}}, {name: b, " + Running + "}]}", "1/2|CrashLoopBackOff|1")]
    [InlineData("{phase: Failed, containerStatuses: [{name: a, state: {terminated: {exitCode: 3}}}]}", "0/2|ExitCode:3|0")]
    [InlineData("{phase: Failed, containerStatuses: [{name: a, state: {terminated: {exitCode: 137, signal: 9}}}]}", "0/2|Signal:9|0")]
    [InlineData("{phase: Failed, containerStatuses: [{name: a, state: {terminated: {exitCode: 1, reason: Error}}}]}", "0/2|Error|0")]
    [InlineData("{phase: Succeeded, containerStatuses: [{name: a, state: {terminated: {exitCode: 0, reason: Completed}}}]}", "0/2|Completed|0")]
    [InlineData("{phase: Running, conditions: [{type: Ready, status: 'True'}], containerStatuses: [{name: a, state: {terminated: {exitCode: 0, reason: Completed}}}, {name: b, " + Running + "}]}", "1/2|Running|0")]
    [InlineData("{phase: Running, containerStatuses: [{name: a, state: {terminated: {exitCode: 0, reason: Completed}}}, {name: b, " + Running + "}]}", "1/2|NotReady|0")]
    public void The_status_of_a_pod_is_what_its_containers_say(string status, string cells) =>
        Assert.Equal($"p|{cells}|5m30s|<none>|<none>|<none>|<none>", PodRow(status));

    [Theory]
    [InlineData("[{name: x, state: {running: {}}}]", "0/1|Init:0/2|0")]
    [InlineData("[{name: x, state: {terminated: {exitCode: 0}}}, {name: y, state: {waiting: {reason: PodInitializing}}}]", "0/1|Init:1/2|0")]
    [InlineData("[{name: x, restartCount: 4, state: {waiting: {reason: CrashLoopBackOff}}}]", "0/1|Init:CrashLoopBackOff|4")]
    [InlineData("[{name: x, state: {terminated: {exitCode: 7}}}]", "0/1|Init:ExitCode:7|0")]
    [InlineData("[{name: x, state: {terminated: {exitCode: 137, signal: 9}}}]", "0/1|Init:Signal:9|0")]
    [InlineData("[{name: x, state: {terminated: {exitCode: 1, reason: Error}}}]", "0/1|Init:Error|0")]
    [InlineData("[{name: x, restartCount: 4, state: {terminated: {exitCode: 0}}}, {name: y, state: {terminated: {exitCode: 0}}}]", "0/1|Pending|0")]
    public void The_first_init_container_that_is_not_done_gives_the_status(string init, string cells) =>
        Assert.StartsWith($"p|{cells}|", PodRow($"{{phase: Pending, initContainerStatuses: {init}}}", "{containers: [{name: a}], initContainers: [{name: x}, {name: y}]}"));

    [Fact]
    public void A_pod_that_is_being_deleted_is_terminating_unless_it_has_ended()
    {
        const string deleted = ", deletionTimestamp: '2026-05-01T11:59:00Z'";
        Assert.StartsWith("p|0/2|Terminating|", PodRow("{phase: Running}", metadata: deleted));
        Assert.StartsWith("p|0/2|Unknown|", PodRow("{phase: Running, reason: NodeLost}", metadata: deleted));
        Assert.StartsWith("p|0/2|Succeeded|", PodRow("{phase: Succeeded}", metadata: deleted));
    }

    [Fact]
    public void The_wide_cells_of_a_pod_are_address_node_and_gates() => Assert.EndsWith("|5m30s|10.244.1.2|node1|<none>|1/2", PodRow(
        "{phase: Running, podIP: 10.244.1.2, podIPs: [{ip: 10.244.1.2}], conditions: [{type: x/a, status: 'True'}]}",
        "{nodeName: node1, containers: [{name: a}], readinessGates: [{conditionType: x/a}, {conditionType: x/b}]}"));

    [Fact]
    public void A_pod_that_ended_is_marked_completed()
    {
        var done = Manifest.Kind<Pod>().RowConditions(new Pod { Status = new PodStatus { Phase = "Succeeded" } });
        Assert.Equal([new TableRowCondition("Completed", "True", "Succeeded", "The pod has completed successfully.")], done);
        Assert.Null(Manifest.Kind<Pod>().RowConditions(new Pod { Status = new PodStatus { Phase = "Running" } }));
    }

    [Theory]
    [InlineData("{type: ClusterIP, clusterIP: 10.96.0.1, ports: [{port: 80, protocol: TCP}], selector: {b: c, a: d}}", "ClusterIP|10.96.0.1|<none>|80/TCP|<unknown>|a=d,b=c")]
    [InlineData("{type: ClusterIP, clusterIP: None}", "ClusterIP|None|<none>|<none>|<unknown>|<none>")]
    [InlineData("{type: NodePort, clusterIP: 10.96.0.1, ports: [{port: 8080, nodePort: 32249, protocol: TCP}, {port: 443, nodePort: 31446, protocol: TCP}]}",
        "NodePort|10.96.0.1|<none>|8080:32249/TCP,443:31446/TCP|<unknown>|<none>")]
    [InlineData("{type: LoadBalancer, clusterIP: 10.96.0.1, ports: [{port: 80, protocol: TCP}]}", "LoadBalancer|10.96.0.1|<pending>|80/TCP|<unknown>|<none>")]
    [InlineData("{type: ExternalName, externalName: example.com}", "ExternalName|<none>|example.com|<none>|<unknown>|<none>")]
    [InlineData("{type: ClusterIP, clusterIP: 10.96.0.1, externalIPs: [203.0.113.1, 203.0.113.2]}", "ClusterIP|10.96.0.1|203.0.113.1,203.0.113.2|<none>|<unknown>|<none>")]
    public void A_service_shows_where_it_is_reached(string spec, string cells) => Assert.Equal("s|" + cells, Row<Service>("metadata: {name: s}\nspec: " + spec));

    [Theory]
    [InlineData("[]", "<none>")]
    [InlineData("[{addresses: [{ip: 10.244.2.5}, {ip: 10.244.3.4}], ports: [{port: 80}]}]", "10.244.2.5:80,10.244.3.4:80")]
    [InlineData("[{notReadyAddresses: [{ip: 10.244.2.5}], ports: [{port: 80}]}]", "<none>")]
    [InlineData("[{addresses: [{ip: 10.0.0.1}, {ip: 10.0.0.2}], ports: [{port: 80}, {port: 443}]}]", "10.0.0.1:80,10.0.0.2:80,10.0.0.1:443 + 1 more...")]
    [InlineData("[{addresses: [{ip: 10.0.0.1}]}]", "10.0.0.1")]
    public void Endpoints_show_the_first_three(string subsets, string cell) => Assert.Equal($"e|{cell}|<unknown>", Row<Endpoints>("metadata: {name: e}\nsubsets: " + subsets));

    [Theory]
    [InlineData("{addressType: IPv4}", "IPv4|<unset>|<unset>")]
    [InlineData("{addressType: IPv4, ports: [{port: 80}, {port: 443}], endpoints: [{addresses: [10.0.0.1]}, {addresses: [10.0.0.2]}, {addresses: [10.0.0.3]}, {addresses: [10.0.0.4]}]}",
        "IPv4|80,443|10.0.0.1,10.0.0.2,10.0.0.3 + 1 more...")]
    public void A_slice_shows_ports_and_addresses(string slice, string cells) =>
        Assert.Equal($"e|{cells}|<unknown>", Row<EndpointSlice>(slice.Replace("{addressType", "{metadata: {name: e}, addressType")));

    [Fact]
    public void Workloads_show_wanted_and_present_pods()
    {
        const string template = "template: {spec: {containers: [{name: nginx, image: nginx}, {name: b, image: 'i:1'}]}}";
        Assert.Equal("d|1/2|2|1|3d|nginx,b|nginx,i:1|run=my-nginx", Row<Deployment>("metadata: {name: d, creationTimestamp: '2026-04-28T12:00:00Z'}\n"
            + $"spec: {{replicas: 2, selector: {{matchLabels: {{run: my-nginx}}}}, {template}}}\nstatus: {{replicas: 2, updatedReplicas: 2, readyReplicas: 1, availableReplicas: 1}}"));
        Assert.Equal("r|2|2|1|<unknown>|nginx,b|nginx,i:1|a=b,c in (d,e)", Row<ReplicaSet>(
            $"metadata: {{name: r}}\nspec: {{replicas: 2, selector: {{matchLabels: {{a: b}}, matchExpressions: [{{key: c, operator: In, values: [d, e]}}]}}, {template}}}\nstatus: {{replicas: 2, readyReplicas: 1}}"));
        Assert.Equal("r|2|0|0|<unknown>|nginx,b|nginx,i:1|app=nginx", Row<ReplicationController>($"metadata: {{name: r}}\nspec: {{replicas: 2, selector: {{app: nginx}}, {template}}}"));
    }

    [Theory]
    [InlineData("{conditions: [{type: Ready, status: 'True'}]}", "{}", "Ready")]
    [InlineData("{conditions: [{type: Ready, status: 'False'}]}", "{}", "NotReady")]
    [InlineData("{conditions: [{type: Ready, status: Unknown}]}", "{}", "NotReady")]
    [InlineData("{}", "{unschedulable: true}", "Unknown,SchedulingDisabled")]
    public void A_node_is_ready_when_it_says_so(string status, string spec, string state) =>
        Assert.StartsWith($"n|{state}|<none>|", Row<Node>($"metadata: {{name: n}}\nspec: {spec}\nstatus: {status}"));

    [Fact]
    public void A_node_shows_roles_addresses_and_versions() => Assert.Equal(
        "n|Unknown|control-plane,worker|<unknown>|v1.36.0|192.168.56.11|<none>|Debian|6.18|<unknown>",
        Row<Node>("metadata: {name: n, labels: {node-role.kubernetes.io/worker: '', node-role.kubernetes.io/control-plane: ''}}\n"
            + "status: {addresses: [{type: InternalIP, address: 192.168.56.11}], nodeInfo: {kubeletVersion: v1.36.0, osImage: Debian, kernelVersion: '6.18'}}"));

    [Fact]
    public void An_event_shows_what_happened_to_what_and_when() => Assert.Equal("5m|Normal|Scheduled|pod/p|spec.x|scheduler, node1|Assigned.|10m|3|e", Row<Event>("""
        metadata: {name: e}
        involvedObject: {kind: Pod, name: p, fieldPath: spec.x}
        type: Normal
        reason: Scheduled
        message: "Assigned.\n"
        source: {component: scheduler, host: node1}
        firstTimestamp: '2026-05-01T11:50:00Z'
        lastTimestamp: '2026-05-01T11:55:00Z'
        count: 3
        """));

    [Fact]
    public void Simple_kinds_show_their_few_facts()
    {
        Assert.Equal("c|2|<unknown>", Row<ConfigMap>("{metadata: {name: c}, data: {a: b}, binaryData: {c: AAA=}}"));
        Assert.Equal("s|Opaque|1|<unknown>", Row<Secret>("{metadata: {name: s}, type: Opaque, data: {a: AAA=}}"));
        Assert.Equal("default|0|<unknown>", Row<ServiceAccount>("metadata: {name: default}"));
        Assert.Equal("n|Active|<unknown>", Row<Namespace>("{metadata: {name: n}, status: {phase: Active}}"));
        Assert.Equal("node1|node1|<unknown>", Row<Lease>("{metadata: {name: node1}, spec: {holderIdentity: node1}}"));
    }

    [Fact]
    public void Counts_are_numbers_on_the_wire() =>
        Assert.Equal("[\"c\",1,\"<unknown>\"]", Manifest.Wire(Manifest.Kind<ConfigMap>().Cells(Manifest.Read<ConfigMap>("{metadata: {name: c}, data: {a: b}}"), Now)));
}
