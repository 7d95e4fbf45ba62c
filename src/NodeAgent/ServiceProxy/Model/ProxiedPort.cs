using System.Net;

namespace NodeAgent.ServiceProxy.Model;

/// <summary>One port of one Service as the kernel shall serve it: where it is reached, and where that leads.</summary>
internal sealed record ProxiedPort
{
    /// <summary>The Service.</summary>
    public required Origin Origin { get; init; }

    /// <summary><c>namespace/service:port</c>, the port by name where it has one: for comments, and the identity behind names in the kernel.</summary>
    public required string Label { get; init; }

    /// <summary>tcp, udp or sctp.</summary>
    public required string Protocol { get; init; }

    public required IReadOnlyList<Frontend> Frontends { get; init; }

    /// <summary>Those of the whole cluster that take new connections from this node, in order of address.</summary>
    public required IReadOnlyList<ServiceEndpoint> Cluster { get; init; }

    /// <summary>Those on this node that take new connections, for a Local policy.</summary>
    public required IReadOnlyList<ServiceEndpoint> LocalEndpoints { get; init; }

    /// <summary>Those that may keep connections which they have: also terminating ones that still serve.</summary>
    public required IReadOnlyList<ServiceEndpoint> Serving { get; init; }

    /// <summary>spec.internalTrafficPolicy: Local, for the clusterIP.</summary>
    public bool InternalLocal { get; init; }

    /// <summary>spec.externalTrafficPolicy: Local, for all frontends but the clusterIP: clients from outside reach local endpoints only, with their own address.</summary>
    public bool ExternalLocal { get; init; }

    /// <summary>How long a client that was away comes back to the same endpoint (sessionAffinity: ClientIP); null = no affinity.</summary>
    public TimeSpan? Affinity { get; init; }

    /// <summary>Who may use the load balancer's addresses (and no other frontend is concerned); empty = everybody.</summary>
    public IReadOnlyList<IPNetwork> SourceRanges { get; init; } = [];

    /// <summary>spec.healthCheckNodePort; it is the Service's, so each of its ports has it.</summary>
    public int? HealthCheckNodePort { get; init; }

    /// <summary>Whether a frontend's policy confines it to this node's endpoints (for an external one: as far as clients from outside are concerned).</summary>
    public bool IsLocal(Frontend frontend) => frontend.IsExternal ? ExternalLocal : InternalLocal;

    /// <summary>Where it leads clients from outside, and for the clusterIP everybody.</summary>
    public IReadOnlyList<ServiceEndpoint> EndpointsFor(Frontend frontend) => IsLocal(frontend) ? LocalEndpoints : Cluster;

    /// <summary>
    /// What it does with those clients. With externalTrafficPolicy Local, pods and the node itself are led to
    /// <see cref="Cluster"/> nevertheless: they are inside.
    /// </summary>
    public FrontendAnswer Answer(Frontend frontend) =>
        EndpointsFor(frontend).Count > 0 ? FrontendAnswer.Serve : Cluster.Count == 0 ? FrontendAnswer.Refuse : FrontendAnswer.Drop;

    /// <summary>Of the endpoints on this node, those that are ready: what health checks are told.</summary>
    public int ReadyHere => LocalEndpoints.Count(endpoint => endpoint.Ready);

    /// <summary>Whether the rules for the one are the rules for the other, and health checks get the same answer: everything but the versions of the objects.</summary>
    public bool IsServedLike(ProxiedPort other) =>
        Label == other.Label && Protocol == other.Protocol && InternalLocal == other.InternalLocal && ExternalLocal == other.ExternalLocal
        && Affinity == other.Affinity && HealthCheckNodePort == other.HealthCheckNodePort
        && Frontends.SequenceEqual(other.Frontends) && SourceRanges.SequenceEqual(other.SourceRanges)
        && (HealthCheckNodePort is null || ReadyHere == other.ReadyHere)
        && Alike(Cluster, other.Cluster) && Alike(LocalEndpoints, other.LocalEndpoints) && Alike(Serving, other.Serving);

    private static bool Alike(IReadOnlyList<ServiceEndpoint> one, IReadOnlyList<ServiceEndpoint> other)
    {
        if (ReferenceEquals(one, other)) return true;
        if (one.Count != other.Count) return false;
        for (var i = 0; i < one.Count; i++) if (!one[i].IsServedLike(other[i])) return false;
        return true;
    }
}
