using System.Net;
using Linux;
using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy.NftablesMode;

/// <summary>
/// Pure: the chains that belong to no single Service. They follow from the node's facts and the classes in use; which Services there are
/// stands in sets alone. README.md draws a packet's way through them.
/// </summary>
internal sealed class NodeChains
{
    /// <summary>iptables' own priorities for nat are the middle ones; source ranges are looked at before, what found no endpoint after.</summary>
    private const int Firewall = -110, DestinationNat = -100, Check = -90, Filter = 0, SourceNat = 100;

    private const int Discard = 9;

    private static readonly IPNetwork Loopback = IPNetwork.Parse("127.0.0.0/8"), Multicast = IPNetwork.Parse("224.0.0.0/4");

    /// <summary>Where this node's own datagrams to a Service without endpoints end: an address of the loopback that nobody is sent to otherwise.</summary>
    private static readonly IPNetwork Nowhere = IPNetwork.Parse("127.255.255.254/32");

    private readonly NodeFacts node;
    private readonly List<NftablesChain> chains = [];

    private NodeChains(NodeFacts node, IReadOnlyCollection<UsedClass> classes)
    {
        this.node = node;
        Hooks();
        Services();
        foreach (var form in FrontendForm.Both) Dispatch(form, classes);
        Unserved();
        RefuseOwn();
        Masquerade();
    }

    public static IReadOnlyList<NftablesChain> Of(NodeFacts node, IReadOnlyCollection<UsedClass> classes) => new NodeChains(node, classes).chains;

    private static NftablesRule Rule => new();

    private void Add(string name, params IEnumerable<NftablesRule> rules) => chains.Add(new(name, null, [.. rules], node.Origin));

    private void Hook(string name, string type, uint hook, int priority, params IEnumerable<NftablesRule> rules) =>
        chains.Add(new(name, new(type, hook, priority), [.. rules], node.Origin));

    private void Hooks()
    {
        Hook("nat-prerouting", "nat", LibC.NF_INET_PRE_ROUTING, DestinationNat, Rule.Jump("services"));
        Hook("nat-output", "nat", LibC.NF_INET_LOCAL_OUT, DestinationNat, [Rule.Jump("services"), Rule.Jump("refuse-own")]);
        Hook("nat-postrouting", "nat", LibC.NF_INET_POST_ROUTING, SourceNat, [Rule.Translated().Jump("masquerade-translated"),
            .. node.PodCidr is { } pods ? [Rule.From(pods).Jump("outbound")] : Array.Empty<NftablesRule>()]);
        Hook("firewall-prerouting", "filter", LibC.NF_INET_PRE_ROUTING, Firewall, Rule.New().GotoBy(FrontendForm.Address, TableSets.Firewall));
        Hook("firewall-output", "filter", LibC.NF_INET_LOCAL_OUT, Firewall, Rule.New().GotoBy(FrontendForm.Address, TableSets.Firewall));
        // What was translated has found its endpoint, and need not be looked up again.
        Hook("check-prerouting", "filter", LibC.NF_INET_PRE_ROUTING, Check, Rule.Translated().Return(), Rule.New().Jump("unserved"));
        Hook("check-output", "filter", LibC.NF_INET_LOCAL_OUT, Check, Rule.Translated().Return(), Rule.New().Jump("unserved"));
        Hook("input", "filter", LibC.NF_INET_LOCAL_IN, Filter, Rule.To(Nowhere).Reject());
        // Late segments that conntrack does not know would go to the client untranslated, and reset its connection.
        Hook("forward", "filter", LibC.NF_INET_FORWARD, Filter, node.PodCidr is { } own
            ? [Rule.Protocol("tcp").Invalid().From(own).Drop(), Rule.Protocol("tcp").Invalid().To(own).Drop()] : Array.Empty<NftablesRule>());
    }

    /// <summary>A frontend's address may be the node's own: then its other ports may be nodePorts.</summary>
    private void Services() => Add("services", [Rule.To(TableSets.Vips).Jump(FrontendForm.Address.Dispatch(local: false)),
        .. ToNode(FrontendForm.NodePort.Dispatch(local: false))]);

    /// <summary>
    /// What comes to an address at which nodePorts are served; by default the node's own alone, as in kube-proxy's nftables mode. Not the
    /// loopback's: what is routed off it is dropped (CVE-2020-8558).
    /// </summary>
    private IEnumerable<NftablesRule> ToNode(string chain) => node is { NodePortAddresses.Count: 0, NodeAddress: null }
        ? [Rule.ToLocal().To(Loopback, not: true).Goto(chain)]
        : (node.NodePortAddresses.Count > 0 ? node.NodePortAddresses : [new IPNetwork(node.NodeAddress!, 32)]).Select(network => Rule.To(network).ToLocal().To(Loopback, not: true).Goto(chain));

    private void Dispatch(FrontendForm form, IReadOnlyCollection<UsedClass> classes)
    {
        // Clients inside the cluster reach all endpoints whatever the policy for those outside.
        var outside = Rule.In(form, form.ExternalLocal).FromLocal(not: true);
        if (node.PodCidr is { } pods) outside.From(pods, not: true);
        Add(form.Dispatch(local: false), [outside.Goto(form.Dispatch(local: true)), .. Lookups(form, false, classes)]);
        Add(form.Dispatch(local: true), Lookups(form, true, classes));
        foreach (var used in classes.Where(used => used.Form == form)) Add(form.Balance(used.Local, used.Size), EndpointClass.Rules(form, used.Local, used.Size));
    }

    /// <summary>The smallest class first: while a frontend is in two, only indexes of the smaller are sure to be there.</summary>
    private static IEnumerable<NftablesRule> Lookups(FrontendForm form, bool local, IEnumerable<UsedClass> classes) =>
        [Rule.GotoBy(form, form.Affinity(local)), .. classes.Where(used => used.Form == form && used.Local == local).OrderBy(used => used.Size)
            .Select(used => Rule.In(form, form.Class(local, used.Size)).Goto(form.Balance(local, used.Size)))];

    /// <summary>What still has a frontend's address after the nat chains has found no endpoint.</summary>
    private void Unserved()
    {
        var (address, port) = (FrontendForm.Address, FrontendForm.NodePort);
        Add("unserved", [Rule.In(address, address.Drop).Drop(), Rule.In(address, address.Refuse).Goto("refuse"),
            Rule.To(TableSets.ClusterIps).Goto("refuse"), Rule.To(node.ServiceCidr).Drop(), .. ToNode("unserved-node-ports")]);
        Add("unserved-node-ports", Rule.In(port, port.Drop).Drop(), Rule.In(port, port.Refuse).Goto("refuse"));
        // On an ICMP error alone a client on this node would wait in connect() until its first segment is sent again, a second later.
        Add("refuse", Rule.Reset(), Rule.Reject());
    }

    /// <summary>
    /// A reject of what this node sends makes its send() fail with EPERM; a datagram that arrives somewhere is answered by ICMP, as every
    /// closed port's. TCP is reset in time.
    /// </summary>
    private void RefuseOwn()
    {
        var (address, port) = (FrontendForm.Address, FrontendForm.NodePort);
        Add("refuse-own", [Rule.Protocol("tcp").Return(), Rule.In(address, address.Drop).Return(), Rule.In(address, address.Refuse).Goto("to-nowhere"),
            Rule.To(TableSets.ClusterIps).Goto("to-nowhere"), .. ToNode("refuse-own-node-ports")]);
        Add("refuse-own-node-ports", Rule.In(port, port.Refuse).Goto("to-nowhere"));
        Add("to-nowhere", Rule.ToEndpoint("udp", Nowhere.BaseAddress, Discard), Rule.ToEndpoint("sctp", Nowhere.BaseAddress, Discard));
    }

    private void Masquerade()
    {
        var (address, port) = (FrontendForm.Address, FrontendForm.NodePort);
        Add("masquerade-translated",
        [
            Rule.FromTo(TableSets.Hairpin).Masquerade(), // a pod that reaches itself would answer to itself
            Rule.OriginallyTo(TableSets.ClusterIps).Goto("masquerade-cluster-ip"), // most connections by far; no other frontend has such an address
            .. Originally(address, address.Masquerade, rule => rule.Masquerade()),
            .. Originally(address, address.ExternalLocal, rule => rule.Goto("masquerade-local")),
            .. Originally(port, port.Masquerade, rule => rule.Masquerade()),
            .. Originally(port, port.ExternalLocal, rule => rule.Goto("masquerade-local")),
        ]);
        Add("masquerade-local", Rule.FromLocal().Masquerade());
        Add("masquerade-cluster-ip", Rule.From(node.ClusterCidr, not: true).Masquerade());
        Add("outbound", [Rule.To(node.ClusterCidr).Return(), Rule.To(Multicast).Return(), Rule.To(TableSets.Nodes).Return(),
            .. node.NonMasqueradeCidrs.Where(network => network.PrefixLength < 32).Select(network => Rule.To(network).Return()), Rule.Masquerade()]);
    }

    private static IEnumerable<NftablesRule> Originally(FrontendForm form, string set, Func<NftablesRule, NftablesRule> then) =>
        Protocols.All.Select(protocol => then(Rule.Originally(protocol, form, set)));
}
