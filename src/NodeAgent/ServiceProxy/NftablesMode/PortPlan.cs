using Linux;
using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy.NftablesMode;

/// <summary>One port of a Service with the order of its endpoints; pure: what elements, sets and chains it asks for.</summary>
/// <param name="Cluster">Address and port of each endpoint of the cluster-wide list, by index.</param>
/// <param name="Local">Of those on this node.</param>
internal sealed record PortPlan(ProxiedPort Port, NftablesValue[] Cluster, NftablesValue[] Local)
{
    /// <param name="cluster">What the indexes led to before.</param>
    public static PortPlan Of(ProxiedPort port, IReadOnlyList<NftablesValue> cluster, IReadOnlyList<NftablesValue> local) =>
        new(port, Order(port, cluster, port.Cluster), NeedsLocal(port) ? Order(port, local, port.LocalEndpoints) : []);

    /// <summary>Chains of affinity are written whole, and have no indexes: theirs is the order of addresses.</summary>
    private static NftablesValue[] Order(ProxiedPort port, IReadOnlyList<NftablesValue> before, IReadOnlyList<ServiceEndpoint> wanted) =>
        port.Affinity is null ? EndpointOrder.Next(before, Values(wanted)) : Values(wanted);

    public static NftablesValue Value(ServiceEndpoint endpoint) => NftablesValue.Of(NftablesValue.Field(endpoint.Address), NftablesValue.Field((ushort)endpoint.Port));

    private static NftablesValue[] Values(IReadOnlyList<ServiceEndpoint> endpoints) => [.. endpoints.Select(Value)];

    private static bool NeedsLocal(ProxiedPort port) => port.InternalLocal || port.ExternalLocal;

    /// <summary>Whether clients from outside have a list of their own at this frontend.</summary>
    private bool IsSplit(Frontend frontend) => frontend.IsExternal && Port.ExternalLocal && Port.Cluster.Count > 0;

    /// <summary>The list for all clients, or for all but those from outside.</summary>
    private NftablesValue[] Main(Frontend frontend) => !frontend.IsExternal && Port.InternalLocal ? Local : Cluster;

    public IEnumerable<SetElement> Elements()
    {
        var slices = Slices();
        return Port.Frontends.SelectMany(frontend => Elements(frontend, slices));
    }

    /// <summary>Which slice each endpoint came from; null where all are of one.</summary>
    private Dictionary<NftablesValue, Origin>? Slices()
    {
        var endpoints = Port.Cluster.Concat(Port.LocalEndpoints);
        if (endpoints.All(endpoint => ReferenceEquals(endpoint.Origin, (Port.Cluster.Count > 0 ? Port.Cluster : Port.LocalEndpoints)[0].Origin))) return null;
        var slices = new Dictionary<NftablesValue, Origin>();
        foreach (var endpoint in endpoints) slices[Value(endpoint)] = endpoint.Origin;
        return slices;
    }

    private IEnumerable<SetElement> Elements(Frontend frontend, Dictionary<NftablesValue, Origin>? slices)
    {
        var (form, key) = (FrontendForm.Of(frontend), FrontendForm.KeyOf(Port.Protocol, frontend));
        if (frontend.Address is { } address)
        {
            var vip = new NftablesElement(NftablesValue.Of(NftablesValue.Field(address)));
            yield return new(TableSets.Vips, vip, Port.Origin);
            if (!frontend.IsExternal) yield return new(TableSets.ClusterIps, vip, Port.Origin);
        }
        foreach (var element in List(form, key, local: false, Main(frontend), slices)) yield return element;
        if (IsSplit(frontend))
        {
            yield return Named(form.ExternalLocal, key);
            foreach (var element in List(form, key, local: true, Local, slices)) yield return element;
        }
        else if (frontend.IsExternal && Main(frontend).Length > 0) yield return Named(form.Masquerade, key);
        if (Port.Answer(frontend) is var answer and not FrontendAnswer.Serve) yield return Named(answer == FrontendAnswer.Drop ? form.Drop : form.Refuse, key);
        if (frontend.Kind == FrontendKind.LoadBalancer && SourceRanges.Restrict(Port)) yield return Named(TableSets.Firewall, key, SourceRanges.ChainOf(Port));
    }

    private IEnumerable<SetElement> List(FrontendForm form, NftablesValue key, bool local, NftablesValue[] endpoints, Dictionary<NftablesValue, Origin>? slices)
    {
        if (endpoints.Length == 0) yield break;
        if (Port.Affinity is not null)
        {
            yield return Named(form.Affinity(local), key, AffinityChains.ChainOf(Port, endpoints == Local));
            yield break;
        }
        yield return Named(form.Class(local, EndpointClass.Of(endpoints.Length)), key);
        for (var i = 0; i < endpoints.Length; i++)
            yield return new(form.Endpoints, new(key.With((uint)i | (local ? EndpointClass.LocalOffset : 0)), endpoints[i]),
                slices is null ? (Port.Cluster.Count > 0 ? Port.Cluster : Port.LocalEndpoints)[0].Origin : slices[endpoints[i]]);
    }

    /// <summary>With a comment that names the Service.</summary>
    private SetElement Named(string set, NftablesValue key, string? chain = null) => new(set, new(key, Chain: chain, Comment: Port.Label), Port.Origin);

    public IEnumerable<UsedClass> Classes() => Port.Affinity is not null ? [] : Port.Frontends.SelectMany(frontend => (UsedClass[])
    [
        .. Used(FrontendForm.Of(frontend), false, Main(frontend)), .. IsSplit(frontend) ? Used(FrontendForm.Of(frontend), true, Local) : [],
    ]);

    private static UsedClass[] Used(FrontendForm form, bool local, NftablesValue[] endpoints) => endpoints.Length == 0 ? [] : [new(form, local, EndpointClass.Of(endpoints.Length))];

    public IEnumerable<NftablesChain> Chains(NodeFacts node) =>
        (Port.Affinity is null ? [] : AffinityChains.Of(this)).Concat(SourceRanges.Restrict(Port) ? [SourceRanges.Chain(Port, node)] : []);

    public IEnumerable<NftablesSet> Sets() => Port.Affinity is null ? [] : AffinityChains.Sets(this);
}
