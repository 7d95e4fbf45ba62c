using KubeApi.Objects;

namespace ServiceMatrix;

/// <summary>One row of the matrix: a Service of type LoadBalancer with every kind of frontend, for TCP, UDP and SCTP at once.</summary>
/// <param name="Number">Tells its addresses and ports from those of others.</param>
/// <param name="State">What its endpoints are like.</param>
internal sealed record MatrixService(int Number, string State, IReadOnlyList<MatrixEndpoint> Endpoints, bool InternalLocal, bool ExternalLocal, bool HasRanges)
{
    public const int Port = 80, NoPort = 81;

    public static readonly IReadOnlyList<string> Protocols = ["tcp", "udp", "sctp"];

    /// <summary>loadBalancerSourceRanges: the outside addresses that are no strangers', and node 2's pods.</summary>
    public static readonly IReadOnlyList<string> Ranges = ["203.0.113.0/24", "10.244.2.0/24"];

    private static readonly (string State, MatrixEndpoint[] Endpoints)[] States =
    [
        ("on every node", [new(Server.Pod(1)), new(Server.Pod(2))]),
        ("two on every node", [new(Server.Pod(1)), new(Server.Pod(2)), new(Server.SecondPod(1)), new(Server.SecondPod(2))]),
        ("nowhere", []),
        ("on node 1", [new(Server.Pod(1))]),
        ("terminating", [new(Server.Pod(1), Ready: false, Terminating: true), new(Server.Pod(2), Ready: false, Terminating: true)]),
        ("not serving", [new(Server.Pod(1), Ready: false, Serving: false), new(Server.Pod(2), Ready: false, Serving: false, Terminating: true)]),
        ("terminating on node 1", [new(Server.Pod(1), Ready: false, Terminating: true), new(Server.Pod(2))]),
        // publishNotReadyAddresses: the controller calls them ready whatever they are.
        ("published though not ready", [new(Server.Pod(1), Serving: false), new(Server.Pod(2), Serving: false, Terminating: true)]),
        ("written by hand", [new(Server.Outside)]),
        ("meant for nodes", [new(Server.Pod(1)) { ForNode = 1 }, new(Server.Pod(2)) { ForNode = 2 }]),
        ("meant for zones", [new(Server.Pod(1)) { ForZone = 1 }, new(Server.SecondPod(1)) { ForZone = 1 }, new(Server.Pod(2)) { ForZone = 2 }]),
        ("half meant for a zone", [new(Server.Pod(1)) { ForZone = 1 }, new(Server.Pod(2))]),
        ("meant for zone 2", [new(Server.Pod(1)) { ForZone = 2 }, new(Server.Pod(2)) { ForZone = 2 }]),
    ];

    private static readonly (bool Internal, bool External, bool Ranges)[] Policies =
        [(false, false, false), (true, true, false), (false, true, false), (true, false, false), (false, false, true), (true, true, true)];

    /// <summary>Every state with every policy.</summary>
    public static IReadOnlyList<MatrixService> All { get; } =
        [.. States.SelectMany(_ => Policies, (state, policy) => (state, policy)).Select((pair, i) =>
            new MatrixService(i + 1, pair.state.State, pair.state.Endpoints, pair.policy.Internal, pair.policy.External, pair.policy.Ranges))];

    public string Name => $"{State}, internal {Policy(InternalLocal)}, external {Policy(ExternalLocal)}{(HasRanges ? ", source ranges" : "")}";

    public string ObjectName => $"m{Number}";
    public string ClusterIP => $"10.96.1.{Number}";
    public string ExternalIP => $"172.30.1.{Number}";
    public string LoadBalancerIP => $"172.31.1.{Number}";
    public int NodePort => 30000 + Number;
    public int TargetPort => 9000 + Number;

    private static string Policy(bool local) => local ? "Local" : "Cluster";

    public Service ToObject() => new()
    {
        Metadata = new() { Name = ObjectName, Namespace = "matrix", ResourceVersion = "1" },
        Spec = new()
        {
            Type = "LoadBalancer", ClusterIP = ClusterIP, ClusterIPs = [ClusterIP], ExternalIPs = [ExternalIP],
            InternalTrafficPolicy = Policy(InternalLocal), ExternalTrafficPolicy = Policy(ExternalLocal),
            HealthCheckNodePort = ExternalLocal ? 31000 + Number : null,
            LoadBalancerSourceRanges = HasRanges ? [.. Ranges.Select(range => $" {range} ")] : null,
            Ports = [.. Protocols.Select(protocol => new ServicePort { Name = protocol, Protocol = protocol.ToUpperInvariant(), Port = Port, NodePort = NodePort })],
        },
        Status = new() { LoadBalancer = new() { Ingress = [new() { Ip = LoadBalancerIP, IpMode = "VIP" }] } },
    };

    public EndpointSlice ToSlice() => new()
    {
        Metadata = new()
        {
            Name = $"{ObjectName}-slice", Namespace = "matrix", ResourceVersion = "2",
            Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = ObjectName },
        },
        AddressType = "IPv4",
        Ports = [.. Protocols.Select(protocol => new DiscoveryEndpointPort { Name = protocol, Protocol = protocol.ToUpperInvariant(), Port = TargetPort })],
        Endpoints = [.. Endpoints.Select(endpoint => endpoint.ToObject())],
    };
}
