using System.Net;
using System.Text;

namespace Benchmarks.Services;

/// <summary>
/// The peer in nftables mode: rules of the shape that kube-proxy 1.36 writes: a verdict map from address, protocol and port to a chain per
/// Service, which chooses from a map of its own.
/// </summary>
internal static class KubeProxyNftables
{
    private const string Table = "ip kube-proxy-bench";

    /// <summary>One text for nft -f, and so one transaction.</summary>
    public static string Load(int services)
    {
        var text = new StringBuilder($$"""
            add table {{Table}}
            add set {{Table}} cluster-ips { type ipv4_addr ; }
            add map {{Table}} service-ips { type ipv4_addr . inet_proto . inet_service : verdict ; }
            add chain {{Table}} mark-for-masquerade
            add rule {{Table}} mark-for-masquerade meta mark set meta mark or 0x4000
            add chain {{Table}} services
            add rule {{Table}} services ip daddr . meta l4proto . th dport vmap @service-ips
            add chain {{Table}} nat-prerouting { type nat hook prerouting priority -100 ; }
            add rule {{Table}} nat-prerouting jump services
            add chain {{Table}} nat-output { type nat hook output priority -100 ; }
            add rule {{Table}} nat-output jump services
            add chain {{Table}} nat-postrouting { type nat hook postrouting priority 100 ; }
            add rule {{Table}} nat-postrouting meta mark and 0x4000 != 0 masquerade fully-random
            add chain {{Table}} cluster-ips-check { type filter hook forward priority -5 ; }
            add rule {{Table}} cluster-ips-check ct state new ip daddr @cluster-ips reject

            """);
        for (var service = 0; service < services; service++)
        {
            text.Append($"add element {Table} cluster-ips {{ {MadeUpServices.ClusterIp(service)} }}\nadd chain {Table} {Chain(service)}\n");
            Rules(text, service, [.. MadeUpServices.Endpoints(service)]);
            text.Append($"add element {Table} service-ips {{ {MadeUpServices.ClusterIp(service)} . tcp . 80 : goto {Chain(service)} }}\n");
        }
        return text.ToString();
    }

    /// <summary>The chain of the Service that changed, made anew.</summary>
    public static string Change(int service, IReadOnlyList<IPAddress> endpoints)
    {
        var text = new StringBuilder($"flush chain {Table} {Chain(service)}\n");
        Rules(text, service, endpoints);
        return text.ToString();
    }

    private static void Rules(StringBuilder text, int service, IReadOnlyList<IPAddress> endpoints) => text
        .Append($"add rule {Table} {Chain(service)} ip daddr {MadeUpServices.ClusterIp(service)} tcp dport 80 ip saddr != {MadeUpServices.Facts.ClusterCidr} jump mark-for-masquerade\n")
        .Append($"add rule {Table} {Chain(service)} meta l4proto tcp dnat ip addr . port to numgen random mod {endpoints.Count} map {{ ")
        .AppendJoin(", ", endpoints.Select((endpoint, index) => $"{index} : {endpoint} . 8080")).Append(" }\n");

    private static string Chain(int service) => $"service-{service:x8}-default/{MadeUpServices.Name(service)}/tcp/";
}
