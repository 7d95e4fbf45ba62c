using KubeApi.Objects;

namespace ServiceMatrix;

/// <summary>What listens, and what it calls itself.</summary>
/// <param name="Node">Null for one that is no pod: its slice is written by hand.</param>
internal sealed record Server(string Name, string Address, int? Node)
{
    public static readonly Server Outside = new("outside", AddressPlan.Gateway, null);

    /// <summary>Two pods of each node, and one that is outside the cluster.</summary>
    public static readonly IReadOnlyList<Server> All = [Pod(1), Pod(2), SecondPod(1), SecondPod(2), Outside];

    public static Server Pod(int node) => new($"pod{node}a", $"10.244.{node}.2", node);
    public static Server SecondPod(int node) => new($"pod{node}b", $"10.244.{node}.4", node);
}

/// <summary>An endpoint with its conditions and hints as the EndpointSlice controller writes them.</summary>
internal sealed record MatrixEndpoint(Server Server, bool Ready = true, bool Serving = true, bool Terminating = false)
{
    /// <summary>The node or the zone that it is meant for (trafficDistribution); none = for all. Node n is in zone n.</summary>
    public int? ForNode { get; init; }

    /// <inheritdoc cref="ForNode"/>
    public int? ForZone { get; init; }

    /// <summary>Takes connections where nothing is ready (KEP-1669).</summary>
    public bool IsLastResort => !Ready && Serving && Terminating;

    public Endpoint ToObject() => new()
    {
        Addresses = [Server.Address], NodeName = Server.Node is { } node ? $"node{node}" : null,
        Conditions = new() { Ready = Ready, Serving = Serving, Terminating = Terminating },
        Hints = ForNode is null && ForZone is null ? null : new()
        {
            ForNodes = ForNode is { } meant ? [new() { Name = $"node{meant}" }] : null, ForZones = ForZone is { } zone ? [new() { Name = $"zone{zone}" }] : null,
        },
    };
}
