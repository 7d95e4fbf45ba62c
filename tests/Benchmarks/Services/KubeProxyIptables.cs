using System.Net;
using System.Text;

namespace Benchmarks.Services;

/// <summary>
/// The peer in iptables mode: rules of the shape that kube-proxy writes, 23 lines for a Service with five endpoints: one dispatch rule in a
/// single list, a chain that chooses, and a chain per endpoint that translates.
/// </summary>
internal static class KubeProxyIptables
{
    /// <summary>
    /// Texts for iptables-restore --noflush, one after the other. kube-proxy gives all of it to one call; that takes iptables-nft minutes from
    /// 5,000 Services on, so the peer is granted pieces of 100, and the dispatch last.
    /// </summary>
    public static IEnumerable<string> Load(int services)
    {
        yield return "*nat\n:KUBE-SERVICES - [0:0]\n:KUBE-MARK-MASQ - [0:0]\n:KUBE-POSTROUTING - [0:0]\n" +
            "-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000\n-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN\n-A KUBE-POSTROUTING -j MARK --xor-mark 0x4000\n" +
            "-A KUBE-POSTROUTING -j MASQUERADE --random-fully\n" +
            "-A PREROUTING -j KUBE-SERVICES\n-A OUTPUT -j KUBE-SERVICES\n-A POSTROUTING -j KUBE-POSTROUTING\nCOMMIT\n";
        foreach (var part in Enumerable.Range(0, services).Chunk(100))
        {
            var text = new StringBuilder("*nat\n");
            foreach (var service in part) Chains(text, service, MadeUpServices.Endpoints(service));
            foreach (var service in part) Rules(text, service, MadeUpServices.Endpoints(service));
            yield return text.Append("COMMIT\n").ToString();
        }
        yield return Dispatch(new StringBuilder("*nat\n:KUBE-SERVICES - [0:0]\n"), services).Append("COMMIT\n").ToString();
    }

    /// <summary>
    /// A partial sync: the chains of the Service that changed, and the whole dispatch list, which kube-proxy writes anew each time.
    /// </summary>
    public static string Change(int services, int changed, IReadOnlyList<IPAddress> endpoints)
    {
        var text = new StringBuilder("*nat\n:KUBE-SERVICES - [0:0]\n");
        Chains(text, changed, endpoints);
        Dispatch(text, services);
        Rules(text, changed, endpoints);
        return text.Append("COMMIT\n").ToString();
    }

    private static StringBuilder Dispatch(StringBuilder text, int services)
    {
        for (var service = 0; service < services; service++)
            text.Append($"-A KUBE-SERVICES -m comment --comment \"default/{MadeUpServices.Name(service)} cluster IP\" -m tcp -p tcp -d {MadeUpServices.ClusterIp(service)} --dport 80 -j KUBE-SVC-{service:X16}\n");
        return text;
    }

    private static void Chains(StringBuilder text, int service, IEnumerable<IPAddress> endpoints)
    {
        text.Append($":KUBE-SVC-{service:X16} - [0:0]\n");
        foreach (var endpoint in endpoints) text.Append($":{EndpointChain(service, endpoint)} - [0:0]\n");
    }

    private static void Rules(StringBuilder text, int service, IEnumerable<IPAddress> endpoints)
    {
        var (name, left) = (MadeUpServices.Name(service), endpoints.Count());
        text.Append($"-A KUBE-SVC-{service:X16} -m comment --comment \"default/{name} cluster IP\" -m tcp -p tcp -d {MadeUpServices.ClusterIp(service)} --dport 80 ! -s {MadeUpServices.Facts.ClusterCidr} -j KUBE-MARK-MASQ\n");
        foreach (var endpoint in endpoints)
        {
            var chosen = left > 1 ? FormattableString.Invariant($" -m statistic --mode random --probability {1.0 / left:0.0000000000}") : "";
            text.Append($"-A KUBE-SVC-{service:X16} -m comment --comment \"default/{name} -> {endpoint}:8080\"{chosen} -j {EndpointChain(service, endpoint)}\n");
            text.Append($"-A {EndpointChain(service, endpoint)} -m comment --comment \"default/{name}\" -s {endpoint} -j KUBE-MARK-MASQ\n");
            text.Append($"-A {EndpointChain(service, endpoint)} -m comment --comment \"default/{name}\" -m tcp -p tcp -j DNAT --to-destination {endpoint}:8080\n");
            left--;
        }
    }

    private static string EndpointChain(int service, IPAddress endpoint) => $"KUBE-SEP-{service:X8}{Convert.ToHexString(endpoint.GetAddressBytes())}";
}
