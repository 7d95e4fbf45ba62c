using Linux;
using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy.NftablesMode;

/// <summary>
/// The whole content of table <c>ip na</c> as it shall be, kept as the plans that it follows from. Pure; changes cost what they change.
/// </summary>
internal sealed class NftablesTable
{
    public const string Name = "na";

    private readonly Dictionary<string, PortPlan[]> services = [];

    /// <summary>In how many Services an element is that several may ask for: that an address is one.</summary>
    private readonly Dictionary<(string Set, NftablesValue Key), int> shared = [];

    /// <summary>How many lists are in a class. One in which there is none any more keeps its set and chain until <see cref="DropUnused"/>.</summary>
    private readonly Dictionary<UsedClass, int> classes = [];

    private NodeFacts node;
    private IReadOnlyList<NftablesChain> nodeChains = [];

    /// <param name="present">How a frontend's list is ordered in the kernel; null = not at all.</param>
    /// <param name="change">Gets all of it.</param>
    /// <param name="unused">Classes that are to stay though nothing is in them.</param>
    public NftablesTable(ServiceTable table, Func<ProxiedPort, bool, IReadOnlyList<NftablesValue>>? present, NftablesUpdate change, IEnumerable<UsedClass>? unused = null)
    {
        node = table.Node;
        foreach (var waiting in unused ?? []) classes[waiting] = 0;
        foreach (var (service, ports) in table.Services) Plan(service, ports, present ?? ((_, _) => []));
        foreach (var set in TableSets.All(classes.Keys)) change.Add(set);
        AddNodeChains(change);
        foreach (var element in NodeElements.Of(node)) change.Add(element);
        foreach (var service in services.Keys) Add(service, change);
    }

    public IEnumerable<UsedClass> Unused => classes.Where(entry => entry.Value == 0).Select(entry => entry.Key);

    /// <summary>Whether it is of just these Services and this node.</summary>
    public bool IsOf(ServiceTable table) => node.HasRulesOf(table.Node) && services.Count == table.Services.Count
        && table.Services.All(entry => services.TryGetValue(entry.Key, out var plans) && plans.Length == entry.Value.Count
            && plans.Zip(entry.Value).All(pair => ReferenceEquals(pair.First.Port, pair.Second) || pair.First.Port.IsServedLike(pair.Second)));

    /// <summary>Follows changes of the table.</summary>
    public void Follow(ServiceTable table, TableChanges changes, NftablesUpdate change)
    {
        var names = changes.Services.Select(entry => entry.Service).ToHashSet();
        // A chain of source ranges may name the node's address.
        if (changes.Node) names.UnionWith(services.Where(entry => entry.Value.Any(plan => SourceRanges.Restrict(plan.Port))).Select(entry => entry.Key));
        var before = names.ToDictionary(name => name, name => services.GetValueOrDefault(name, []));
        foreach (var name in names) Remove(name, change);
        if (changes.Node)
        {
            foreach (var element in NodeElements.Of(node)) change.Remove(element);
            node = table.Node;
            foreach (var element in NodeElements.Of(node)) change.Add(element);
        }
        var known = classes.Keys.ToHashSet();
        foreach (var name in names)
            Plan(name, table.Services.GetValueOrDefault(name, []), (port, local) => before[name].FirstOrDefault(plan => IsSame(plan.Port, port)) is { } plan ? local ? plan.Local : plan.Cluster : []);
        foreach (var used in classes.Keys.Where(used => !known.Contains(used))) change.Add(TableSets.Of(used));
        if (changes.Node || known.Count < classes.Count) ChangeNodeChains(change);
        foreach (var name in names.Where(services.ContainsKey)) Add(name, change);
    }

    /// <summary>Removes sets and chains of classes in which nothing is any more.</summary>
    public void DropUnused(NftablesUpdate change)
    {
        foreach (var unused in Unused.ToList())
        {
            classes.Remove(unused);
            change.Remove(TableSets.Of(unused).Name, null);
        }
        ChangeNodeChains(change);
    }

    /// <summary>All of it, for those who want to read it.</summary>
    public (IEnumerable<NftablesChain> Chains, IEnumerable<SetElement> Elements) Content() => (nodeChains.Concat(services.Values.SelectMany(plans => Chains(plans).Values)),
        NodeElements.Of(node).Concat(services.Values.SelectMany(plans => Elements(plans).Values)));

    private static bool IsSame(ProxiedPort one, ProxiedPort other) => one.Label == other.Label && one.Protocol == other.Protocol;

    private void Plan(string service, IReadOnlyList<ProxiedPort> ports, Func<ProxiedPort, bool, IReadOnlyList<NftablesValue>> present)
    {
        if (ports.Count == 0) return;
        var plans = ports.Select(port => PortPlan.Of(port, present(port, false), present(port, true))).ToArray();
        services[service] = plans;
        foreach (var used in plans.SelectMany(plan => plan.Classes())) classes[used] = classes.GetValueOrDefault(used) + 1;
    }

    private void Add(string service, NftablesUpdate change)
    {
        var plans = services[service];
        foreach (var set in Sets(plans).Values) change.Add(set);
        foreach (var chain in Chains(plans).Values) change.Add(chain);
        foreach (var element in Elements(plans).Values)
        {
            if (IsShared(element.Set) && (shared[element.Id] = shared.GetValueOrDefault(element.Id) + 1) > 1) continue;
            change.Add(element);
        }
    }

    private void Remove(string service, NftablesUpdate change)
    {
        if (!services.Remove(service, out var plans)) return;
        foreach (var used in plans.SelectMany(plan => plan.Classes())) classes[used]--;
        foreach (var set in Sets(plans).Keys) change.Remove(set, null);
        foreach (var chain in Chains(plans).Values) change.Remove(PresentChain.Of(chain));
        foreach (var element in Elements(plans).Values)
        {
            if (IsShared(element.Set))
            {
                if (--shared[element.Id] > 0) continue;
                shared.Remove(element.Id);
            }
            change.Remove(element);
        }
    }

    private static bool IsShared(string set) => set is TableSets.Vips or TableSets.ClusterIps;

    /// <summary>Each once, though several ports may ask for it.</summary>
    private static Dictionary<(string, NftablesValue), SetElement> Elements(PortPlan[] plans)
    {
        var elements = new Dictionary<(string, NftablesValue), SetElement>();
        foreach (var plan in plans) foreach (var element in plan.Elements()) elements.TryAdd(element.Id, element);
        return elements;
    }

    private Dictionary<string, NftablesChain> Chains(PortPlan[] plans) => plans.SelectMany(plan => plan.Chains(node)).ToDictionary(chain => chain.Name);

    private static Dictionary<string, NftablesSet> Sets(PortPlan[] plans) => plans.SelectMany(plan => plan.Sets()).ToDictionary(set => set.Name);

    private void AddNodeChains(NftablesUpdate change)
    {
        nodeChains = NodeChains.Of(node, classes.Keys);
        foreach (var chain in nodeChains) change.Add(chain);
    }

    private void ChangeNodeChains(NftablesUpdate change)
    {
        foreach (var chain in nodeChains) change.Remove(PresentChain.Of(chain));
        AddNodeChains(change);
    }
}
