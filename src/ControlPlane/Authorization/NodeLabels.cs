namespace ControlPlane.Authorization;

/// <summary>Which labels a node may give itself (plugin noderestriction, KEP 279). Pure functions.</summary>
internal static class NodeLabels
{
    private const string Restricted = "node-restriction.kubernetes.io";

    /// <summary>Of the domains kubernetes.io and k8s.io, those that a kubelet sets.</summary>
    private static readonly HashSet<string> Own =
    [
        "kubernetes.io/hostname", "kubernetes.io/os", "kubernetes.io/arch", "beta.kubernetes.io/os", "beta.kubernetes.io/arch", "kubernetes.io/instance-type",
        "beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type", "topology.kubernetes.io/zone", "topology.kubernetes.io/region",
        "failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region",
    ];

    /// <summary>Labels that differ and that a node may not decide about, sorted.</summary>
    public static IReadOnlyList<string> Refused(IReadOnlyDictionary<string, string>? old, IReadOnlyDictionary<string, string>? updated)
    {
        var (before, after) = (old ?? new Dictionary<string, string>(), updated ?? new Dictionary<string, string>());
        return before.Keys.Union(after.Keys)
            .Where(key => before.GetValueOrDefault(key) != after.GetValueOrDefault(key) && !Allowed(key)).Order(StringComparer.Ordinal).ToList();
    }

    private static bool Allowed(string key)
    {
        if (key.IndexOf('/') is not (> 0 and var slash)) return true;
        var domain = key[..slash];
        if (Within(domain, Restricted)) return false;
        return !Within(domain, "kubernetes.io") && !Within(domain, "k8s.io")
            || Own.Contains(key) || Within(domain, "kubelet.kubernetes.io") || Within(domain, "node.kubernetes.io");
    }

    private static bool Within(string domain, string parent) => domain == parent || domain.EndsWith("." + parent, StringComparison.Ordinal);
}
