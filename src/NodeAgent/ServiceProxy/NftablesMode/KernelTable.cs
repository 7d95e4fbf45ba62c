using Linux;
using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy.NftablesMode;

/// <summary>What the kernel has in table <c>ip na</c>.</summary>
internal sealed class KernelTable
{
    private readonly Dictionary<string, NftablesSetDump> sets;
    private readonly List<PresentChain> chains;
    private readonly Dictionary<string, Dictionary<NftablesValue, NftablesElement>> elements;

    private KernelTable(NftablesSocket socket, string table)
    {
        Exists = socket.Exists(table);
        var rules = Exists ? socket.Rules(table).ToLookup(rule => rule.Chain) : Array.Empty<NftablesRuleDump>().ToLookup(rule => "");
        chains = Exists ? [.. socket.Chains(table).Select(chain => new PresentChain(chain.Name, chain.Hook, chain.Accepts, null, [.. rules[chain.Name]]))] : [];
        // Those without a name belong to a rule, and go with it; rules of ours have none.
        sets = Exists ? socket.Sets(table).Where(set => (set.Flags & LibC.NFT_SET_ANONYMOUS) == 0).ToDictionary(set => set.Name) : [];
        // Clients that a set remembers are the packets' business.
        elements = sets.Values.Where(set => (set.Flags & LibC.NFT_SET_TIMEOUT) == 0)
            .ToDictionary(set => set.Name, set => socket.Elements(table, set.Name).ToDictionary(element => element.Key));
    }

    public bool Exists { get; }

    public IReadOnlyList<PresentChain> Chains => chains;

    public IEnumerable<(string Set, NftablesElement Element)> Elements => elements.SelectMany(set => set.Value.Values.Select(element => (set.Key, element)));

    public static KernelTable Read(NftablesSocket socket) => new(socket, NftablesTable.Name);

    /// <summary>A change that removes all of it: what is then wanted stays.</summary>
    public NftablesUpdate Removal()
    {
        var change = new NftablesUpdate();
        foreach (var set in sets.Values) change.Remove(set.Name, set);
        foreach (var chain in chains) change.Remove(chain);
        foreach (var (set, element) in Elements) change.Remove(new SetElement(set, element, OriginOf(element)));
        return change;
    }

    /// <summary>As the comment tells, which begins with the Service's namespace and name.</summary>
    private static Origin OriginOf(NftablesElement element) => element.Comment?.Split(':') is [var service, _] ? new("Service", service, null) : Nobody;

    public static Origin Nobody { get; } = new("no", "object", null);

    /// <summary>In which order the kernel has a port's endpoints.</summary>
    public IReadOnlyList<NftablesValue> OrderOf(ProxiedPort port, bool local)
    {
        foreach (var frontend in port.Frontends)
        {
            var form = FrontendForm.Of(frontend);
            if (!elements.TryGetValue(form.Endpoints, out var map)) continue;
            // A clusterIP with a Local policy has those of this node where others have all.
            if (!frontend.IsExternal && port.InternalLocal != local) continue;
            var key = FrontendForm.KeyOf(port.Protocol, frontend);
            var order = new List<NftablesValue>();
            var offset = local && frontend.IsExternal ? EndpointClass.LocalOffset : 0;
            while (map.TryGetValue(key.With((uint)order.Count | offset), out var element)) order.Add(element.Data);
            if (order.Count > 0) return order;
        }
        return [];
    }
}
