using System.Text;
using KubeApi.Objects;

namespace NodeAgent.Kubelet;

/// <summary>How the node's pods resolve names. Without cluster DNS servers, a pod with dnsPolicy ClusterFirst gets the node's own.</summary>
internal sealed record DnsSettings(IReadOnlyList<string> ClusterServers, string ClusterDomain, string NodeResolvConf);

/// <summary>The texts of /etc/hosts, /etc/hostname and /etc/resolv.conf of a pod (kubelet, pkg/kubelet/kubelet_pods.go, network/dns/dns.go).</summary>
internal static class PodFiles
{
    /// <summary>A host name has at most 63 characters; a pod's name is cut, as the kubelet does.</summary>
    public static string HostName(Pod pod)
    {
        var name = pod.Spec!.HostnameOverride ?? (pod.Spec.Hostname is { Length: > 0 } hostname ? hostname : pod.Name);
        return name.Length <= 63 ? name : name[..63].TrimEnd('-', '.');
    }

    public static string Hosts(Pod pod, string address, string clusterDomain)
    {
        var host = HostName(pod);
        var names = pod.Spec!.Subdomain is { Length: > 0 } subdomain ? $"{host}.{subdomain}.{pod.Namespace}.svc.{clusterDomain}\t{host}" : host;
        var text = new StringBuilder("""
            # Kubernetes-managed hosts file.
            127.0.0.1	localhost
            ::1	localhost ip6-localhost ip6-loopback
            fe00::0	ip6-localnet
            fe00::0	ip6-mcastprefix
            fe00::1	ip6-allnodes
            fe00::2	ip6-allrouters

            """);
        text.Append($"{address}\t{names}\n");
        if (pod.Spec.HostAliases is { Count: > 0 } aliases)
        {
            text.Append("\n# Entries added by HostAliases.\n");
            foreach (var alias in aliases) text.Append($"{alias.Ip}\t{string.Join('\t', alias.Hostnames ?? [])}\n");
        }
        return text.ToString();
    }

    public static string ResolvConf(Pod pod, DnsSettings dns)
    {
        var own = pod.Spec!.DnsConfig;
        var policy = pod.Spec.DnsPolicy ?? "ClusterFirst";
        var cluster = policy is "ClusterFirst" or "ClusterFirstWithHostNet" && dns.ClusterServers.Count > 0;
        if (!cluster && policy != "None" && own is null) return dns.NodeResolvConf;
        var node = policy == "None" ? new Lines([], [], []) : Parse(dns.NodeResolvConf);
        var servers = (cluster ? dns.ClusterServers : node.Servers).Concat(own?.Nameservers ?? []).Distinct();
        string[] clusterSearches = cluster ? [$"{pod.Namespace}.svc.{dns.ClusterDomain}", $"svc.{dns.ClusterDomain}", dns.ClusterDomain] : [];
        var searches = clusterSearches.Concat(node.Searches).Concat(own?.Searches ?? []).Distinct().ToList();
        var options = Options(cluster ? ["ndots:5"] : node.Options, own?.Options);
        var text = new StringBuilder();
        if (searches.Count > 0) text.Append($"search {string.Join(' ', searches)}\n");
        foreach (var server in servers) text.Append($"nameserver {server}\n");
        if (options.Count > 0) text.Append($"options {string.Join(' ', options)}\n");
        return text.ToString();
    }

    private sealed record Lines(IReadOnlyList<string> Servers, IReadOnlyList<string> Searches, IReadOnlyList<string> Options);

    /// <summary>The pod's own options replace those of the same name.</summary>
    private static List<string> Options(IReadOnlyList<string> first, IReadOnlyList<PodDNSConfigOption>? own)
    {
        var replaced = (own ?? []).Select(option => option.Name).ToHashSet();
        return [.. first.Where(option => !replaced.Contains(option.Split(':')[0])),
            .. (own ?? []).Select(option => option.Value is { Length: > 0 } value ? $"{option.Name}:{value}" : option.Name!)];
    }

    private static Lines Parse(string resolvConf)
    {
        var words = resolvConf.Split('\n').Select(line => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)).Where(line => line.Length > 1).ToList();
        List<string> After(string keyword) => [.. words.Where(line => line[0] == keyword).SelectMany(line => line[1..])];
        return new Lines(After("nameserver"), After("search"), After("options"));
    }
}
