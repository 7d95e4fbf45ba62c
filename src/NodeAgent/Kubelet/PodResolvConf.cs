using KubeApi.Objects;
using NodeAgent.Dns;

namespace NodeAgent.Kubelet;

/// <summary>How the node's pods resolve names. Without cluster DNS servers, a pod with dnsPolicy ClusterFirst gets the node's own.</summary>
/// <param name="Node">The node's resolv.conf as it is now.</param>
internal sealed record DnsSettings(IReadOnlyList<string> ClusterServers, string ClusterDomain, ResolvConf Node);

/// <summary>
/// Pure: a pod's /etc/resolv.conf, and what has to be said about it (kubelet, pkg/kubelet/network/dns/dns.go).
/// </summary>
/// <param name="Warnings">Messages of events: what did not fit and was left out.</param>
internal sealed record PodResolvConf(string Text, IReadOnlyList<(string Reason, string Message)> Warnings)
{
    /// <summary>What C libraries read (resolv.conf(5), KEP-2595).</summary>
    private const int MostServers = 3, MostSearches = 32, LongestSearch = 2048;

    public static PodResolvConf Of(Pod pod, DnsSettings dns)
    {
        var warnings = new List<(string, string)>();
        var chosen = Add(ByPolicy(pod, dns, warnings), pod.Spec!.DnsConfig);
        var servers = Servers(chosen.Servers, warnings);
        var searches = Searches(chosen.Searches, warnings);
        string?[] lines =
        [
            searches.Count > 0 ? $"search {string.Join(' ', searches)}" : null,
            .. servers.Select(server => $"nameserver {server}"),
            chosen.Options.Count > 0 ? $"options {string.Join(' ', chosen.Options)}" : null,
        ];
        return new(string.Concat(lines.OfType<string>().Select(line => line + "\n")), warnings);
    }

    /// <summary>ClusterFirst means the node's servers for a pod on the node's network; ClusterFirstWithHostNet means what it says.</summary>
    private static ResolvConf ByPolicy(Pod pod, DnsSettings dns, List<(string, string)> warnings)
    {
        var policy = pod.Spec!.DnsPolicy ?? "ClusterFirst";
        if (policy == "None") return ResolvConf.Empty;
        if (policy != "ClusterFirstWithHostNet" && (policy != "ClusterFirst" || pod.Spec.HostNetwork == true)) return OfNode(dns);
        if (dns.ClusterServers.Count == 0)
        {
            warnings.Add(("MissingClusterDNS", $"pod: \"{pod.Name}_{pod.Namespace}({pod.Metadata.Uid})\". kubelet does not have ClusterDNS IP configured and cannot create Pod using \"{policy}\" policy. Falling back to \"Default\" policy."));
            return OfNode(dns);
        }
        IEnumerable<string> own = [$"{pod.Namespace}.svc.{dns.ClusterDomain}", $"svc.{dns.ClusterDomain}", dns.ClusterDomain];
        return new(dns.ClusterServers, [.. own.Concat(dns.Node.Searches).Distinct()], ["ndots:5"]);
    }

    private static ResolvConf OfNode(DnsSettings dns) =>
        dns.Node.Servers.Count > 0 || dns.Node.Searches.Count > 0 ? dns.Node : dns.Node with { Servers = ["127.0.0.1"], Searches = ["."] };

    /// <summary>The pod's own entries come after the policy's; an option of its own replaces one of that name.</summary>
    private static ResolvConf Add(ResolvConf chosen, PodDNSConfig? own)
    {
        if (own is null) return chosen;
        var replaced = (own.Options ?? []).Select(option => option.Name).ToHashSet();
        return new(
            [.. chosen.Servers.Concat(own.Nameservers ?? []).Distinct()],
            [.. chosen.Searches.Concat(own.Searches ?? []).Distinct()],
            [.. chosen.Options.Where(option => !replaced.Contains(option.Split(':')[0])),
             .. (own.Options ?? []).Select(option => option.Value is { Length: > 0 } value ? $"{option.Name}:{value}" : option.Name!)]);
    }

    private static IReadOnlyList<string> Servers(IReadOnlyList<string> all, List<(string, string)> warnings)
    {
        if (all.Count <= MostServers) return all;
        IReadOnlyList<string> kept = [.. all.Take(MostServers)];
        warnings.Add(("DNSConfigForming", $"Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: {string.Join(' ', kept)}"));
        return kept;
    }

    private static IReadOnlyList<string> Searches(IReadOnlyList<string> all, List<(string, string)> warnings)
    {
        var kept = all.Take(MostSearches).ToList();
        while (kept.Sum(entry => entry.Length + 1) - 1 > LongestSearch) kept.RemoveAt(kept.Count - 1);
        if (kept.Count < all.Count)
            warnings.Add(("DNSConfigForming", $"Search Line limits were exceeded, some search paths have been omitted, the applied search line is: {string.Join(' ', kept)}"));
        return kept;
    }
}
