using ControlPlane.Certificates;

namespace ControlPlane.Controllers;

/// <summary>What the controllers and the scheduler need to know about the cluster.</summary>
internal sealed record ControllerOptions
{
    /// <summary>Pod addresses of the whole cluster; every node gets a part of it.</summary>
    public string ClusterCidr { get; init; } = "10.244.0.0/16";

    /// <summary>Prefix length of a node's part.</summary>
    public int NodeMaskSize { get; init; } = 24;

    /// <summary>Addresses for Services of type LoadBalancer; without any they wait, or are somebody else's.</summary>
    public LoadBalancers.AddressPool LoadBalancerPool { get; init; } = LoadBalancers.AddressPool.Empty;

    /// <summary>PEM text of the cluster's CA, published to every namespace as ConfigMap <c>kube-root-ca.crt</c>. Not secret.</summary>
    public string CaCertificate { get; init; } = "";

    /// <summary>Signs the certificates that are asked for; null where nobody shall.</summary>
    public ClusterCa? Authority { get; init; }

    /// <summary>The longest time for which a certificate is signed, and the time where none is asked for (kube-controller-manager --cluster-signing-duration).</summary>
    public TimeSpan CertificateLifetime { get; init; } = TimeSpan.FromDays(365);

    /// <summary>When a node counts as lost.</summary>
    public NodeMonitorOptions NodeMonitor { get; init; } = new();

    /// <summary>
    /// How long nodes may lack a change before a Service says so. Those that are well have it within a few hundredths of a second; saying False
    /// for that time would make two writes, which go to every node, of each change of an endpoint.
    /// </summary>
    public TimeSpan ProgrammedPatience { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How long pods stay bound to a node that is not ready or unreachable, where they were made before pods said so themselves.</summary>
    public Admission.DefaultTolerations DefaultTolerations { get; init; } = new();

    /// <summary>How long a pod may be bound to a node that does not exist before it is removed.</summary>
    public TimeSpan MissingNodeQuarantine { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>How long a job waits after the first failed pod before it makes another; doubles with each failure.</summary>
    public TimeSpan JobPodFailureBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>So many pods that have ended are kept for people to look at; the oldest beyond that are removed.</summary>
    public int EndedPodsKept { get; init; } = 12500;

    /// <summary>Called once, when every informer has listed and work begins.</summary>
    public Action? Begun { get; init; }
}
