using System.Globalization;
using NodeAgent.ServiceProxy.Model;
using Chain = System.Collections.Generic.KeyValuePair<string, System.Collections.Generic.IReadOnlyList<NodeAgent.ServiceProxy.IptablesMode.IptablesRule>>;

namespace NodeAgent.ServiceProxy.IptablesMode;

/// <summary>
/// One port of a Service → its rules: pure. Chains: NA-SVC- leads to any endpoint, NA-SVL- to one on this node, NA-SEP- to one endpoint that
/// keeps its clients, NA-EXT- is for frontends outside the cluster (who is masqueraded, who sees local endpoints alone), NA-FW- asks for the
/// source before. Every text is in iptables-save's own form.
/// </summary>
internal sealed class PortRenderer(ProxiedPort port, NodeFacts node)
{
    private readonly List<Chain> chains = [];
    private readonly List<DispatchEntry> entries = [];
    private readonly string identity = $"{port.Label}/{port.Protocol}";

    private string Cluster => ChainName.Of("NA-SVC-", identity);
    private string Local => ChainName.Of("NA-SVL-", identity);
    private string External => ChainName.Of("NA-EXT-", identity);
    private string Firewall => ChainName.Of("NA-FW-", identity);
    private bool HasExternal => port.Frontends.Any(frontend => frontend.IsExternal) && (port.Cluster.Count > 0 || port.LocalEndpoints.Count > 0);
    private bool HasFirewall => HasExternal && port.SourceRanges.Count > 0 && port.Frontends.Any(frontend => frontend.Kind == FrontendKind.LoadBalancer);

    public PortRules Render()
    {
        var usesCluster = port.Cluster.Count > 0 && port.Frontends.Any(frontend => frontend.IsExternal || !port.InternalLocal);
        var usesLocal = port.LocalEndpoints.Count > 0 && port.Frontends.Any(port.IsLocal);
        if (port.Affinity is not null)
            foreach (var endpoint in (usesCluster ? port.Cluster : []).Concat(usesLocal ? port.LocalEndpoints : []).DistinctBy(Sticky)) chains.Add(StickyChain(endpoint));
        if (usesCluster) chains.Add(new(Cluster, [.. Balance(port.Cluster)]));
        if (usesLocal) chains.Add(new(Local, [.. Balance(port.LocalEndpoints)]));
        if (HasExternal) chains.Add(new(External, [.. ExternalRules()]));
        if (HasFirewall) chains.Add(new(Firewall, [.. FirewallRules()]));
        foreach (var frontend in port.Frontends) Dispatch(frontend);
        if (port.HealthCheckNodePort is { } health)
            Add(DispatchKind.InputPort, DispatchTree.PortLeaf("tcp", health), DispatchTree.Order(null, "tcp", health),
                $"-p tcp -m comment --comment \"{port.Origin.Name}: health check\" -m tcp --dport {health} -j ACCEPT");
        return new(chains, entries);
    }

    private void Add(DispatchKind kind, int leaf, ulong order, string text) => entries.Add(new(kind, leaf, order, new(text, port.Origin)));

    private string Sticky(ServiceEndpoint endpoint) => ChainName.Of("NA-SEP-", $"{identity}/{endpoint}");

    /// <summary>The list is of clients by address; every new connection makes its client young again. It is gone with the last rule that names it.</summary>
    private Chain StickyChain(ServiceEndpoint endpoint)
    {
        var name = Sticky(endpoint);
        return new(name, [new($"-p {port.Protocol} -m recent --set --name {name} --mask 255.255.255.255 --rsource -j DNAT --to-destination {endpoint}", endpoint.Origin)]);
    }

    /// <summary>The kernel keeps a probability as a multiple of 2^-31 and prints eleven digits of it; n endpoints are drawn with 1/n, 1/(n-1), …, 1.</summary>
    private IEnumerable<IptablesRule> Balance(IReadOnlyList<ServiceEndpoint> endpoints)
    {
        if (port.Affinity is { } affinity)
            foreach (var endpoint in endpoints)
                yield return new($"-m recent --rcheck --seconds {(long)affinity.TotalSeconds} --reap --name {Sticky(endpoint)} --mask 255.255.255.255 --rsource -j {Sticky(endpoint)}", endpoint.Origin);
        for (var i = 0; i < endpoints.Count; i++)
        {
            var left = endpoints.Count - i;
            var probability = (Math.Round(2147483648.0 / left) / 2147483648.0).ToString("F11", CultureInfo.InvariantCulture);
            var chance = left == 1 ? "" : $"-m statistic --mode random --probability {probability} ";
            var target = port.Affinity is null ? $"-p {port.Protocol} {chance}-j DNAT --to-destination {endpoints[i]}" : $"{chance}-j {Sticky(endpoints[i])}";
            yield return new(target, endpoints[i].Origin);
        }
    }

    /// <summary>
    /// Policy Cluster: all are masqueraded, since the endpoint may be on another node and its answer has to come back this way. Local: those
    /// from outside keep their address and reach endpoints here; pods of this node and the node itself are inside and reach any.
    /// </summary>
    private IEnumerable<IptablesRule> ExternalRules()
    {
        IptablesRule Rule(string text) => new(text, port.Origin);
        if (!port.ExternalLocal)
        {
            yield return Rule($"-j {NodeRules.MarkMasquerade}");
            yield return Rule($"-j {Cluster}");
            yield break;
        }
        if (port.Cluster.Count > 0)
        {
            if (node.PodCidr is { } pods) yield return Rule($"-s {pods} -j {Cluster}");
            yield return Rule($"-m addrtype --src-type LOCAL -j {NodeRules.MarkMasquerade}");
            yield return Rule($"-m addrtype --src-type LOCAL -j {Cluster}");
        }
        if (port.LocalEndpoints.Count > 0) yield return Rule($"-j {Local}");
    }

    /// <summary>
    /// What comes back from here untranslated is dropped in table filter. Where this node is allowed, so is the address itself: a node that
    /// has it on an interface may use it as the source.
    /// </summary>
    private IEnumerable<IptablesRule> FirewallRules()
    {
        var sources = port.SourceRanges.Select(range => range.ToString()).ToList();
        if (node.NodeAddress is { } own && port.SourceRanges.Any(range => range.Contains(own)))
            sources.AddRange(port.Frontends.Where(frontend => frontend.Kind == FrontendKind.LoadBalancer).Select(frontend => $"{frontend.Address}/32"));
        return sources.Distinct().Select(source => new IptablesRule($"-s {source} -j {External}", port.Origin));
    }

    private void Dispatch(Frontend frontend)
    {
        var answer = port.Answer(frontend);
        var order = DispatchTree.Order(frontend.Address, port.Protocol, frontend.Port);
        var leaf = frontend.Address is { } address ? (int)(Ipv4.Number(address) & 255) : DispatchTree.PortLeaf(port.Protocol, frontend.Port);
        if (TargetOf(frontend) is { } target)
            Add(frontend.Address is null ? DispatchKind.NodePort : DispatchKind.Address, leaf, order, $"{Match(frontend, "")} -j {target}");
        else if (answer == FrontendAnswer.Refuse && frontend.Address is not null && port.Protocol != "tcp")
            Add(DispatchKind.Address, leaf, order, $"{Match(frontend, " has no endpoints")} -m addrtype --src-type LOCAL -j {NodeRules.RefuseOwn}");
        if (Refusal(frontend, answer) is { } refusal)
            Add(frontend.Address is null ? DispatchKind.InputPort : DispatchKind.RefusedAddress, leaf, order, refusal);
        if (frontend is { Kind: FrontendKind.ClusterIP, Address: { } clusterIP })
            Add(DispatchKind.RefusedAddress, leaf, DispatchTree.LastOrder(clusterIP),
                $"-d {clusterIP}/32 -m comment --comment \"{port.Origin.Name}: no such port\" -j {NodeRules.Refuse}");
    }

    private string? TargetOf(Frontend frontend)
    {
        if (frontend.IsExternal) return !HasExternal ? null : HasFirewall && frontend.Kind == FrontendKind.LoadBalancer ? Firewall : External;
        return port.Answer(frontend) != FrontendAnswer.Serve ? null : port.InternalLocal ? Local : Cluster;
    }

    /// <summary>For what is still addressed to the frontend after nat. An ICMP error alone would leave a TCP client on this node in connect() for a second.</summary>
    private string? Refusal(Frontend frontend, FrontendAnswer answer) => answer switch
    {
        FrontendAnswer.Refuse => $"{Match(frontend, " has no endpoints")} -j REJECT --reject-with {(port.Protocol == "tcp" ? "tcp-reset" : "icmp-port-unreachable")}",
        FrontendAnswer.Drop => $"{Match(frontend, " has no local endpoints")} -j DROP",
        _ when HasFirewall && frontend.Kind == FrontendKind.LoadBalancer => $"{Match(frontend, " is not for this source")} -j DROP",
        _ => null,
    };

    private string Match(Frontend frontend, string what)
    {
        var kind = frontend.Kind switch
        {
            FrontendKind.ClusterIP => "cluster IP", FrontendKind.NodePort => "node port", FrontendKind.ExternalIP => "external IP", _ => "load-balancer IP",
        };
        return $"{(frontend.Address is { } address ? $"-d {address}/32 " : "")}-p {port.Protocol} -m comment --comment \"{port.Label} {kind}{what}\" -m {port.Protocol} --dport {frontend.Port}";
    }
}
