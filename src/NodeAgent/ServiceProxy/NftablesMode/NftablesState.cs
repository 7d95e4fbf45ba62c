using Linux;
using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy.NftablesMode;

/// <summary>What is in the table, line by line, each with the object that it came from.</summary>
internal static class NftablesState
{
    /// <summary>What is there whatever Services there are.</summary>
    private const string Mode = "this Node";

    /// <param name="known">Null = only what the kernel tells: the comment at a frontend names the Service.</param>
    public static IReadOnlyList<StateLine> Of(KernelTable kernel, ServiceTable? known)
    {
        var (chains, elements) = known is null ? ([], []) : new NftablesTable(known, kernel.OrderOf, new NftablesUpdate()).Content();
        var (knownChains, knownElements) = (chains.ToDictionary(chain => chain.Name), new Dictionary<(string, NftablesValue), SetElement>());
        foreach (var element in elements) knownElements.TryAdd(element.Id, element);
        var told = new Dictionary<NftablesValue, string>();
        foreach (var (_, element) in kernel.Elements)
        {
            if (element.Comment is not { } label) continue;
            told[element.Key] = $"Service {label.Split(':')[0]}";
            if (element.Key.Count > FrontendForm.NodePort.Key.Count) told.TryAdd(NftablesValue.Of(element.Key[0]), told[element.Key]); // its address
        }

        string OriginOf(string set, NftablesElement element) =>
            knownElements.TryGetValue((set, element.Key), out var wanted) ? wanted.Element.LeadsWhere(element) ? $"{wanted.Origin}" : "no object"
            : known is not null ? "no object" : set is TableSets.Hairpin or TableSets.Nodes ? Mode : told.GetValueOrDefault(Frontend(set, element.Key), "no object");

        return
        [
            .. kernel.Chains.SelectMany(chain => Lines(chain, knownChains.GetValueOrDefault(chain.Name))),
            .. kernel.Elements.Select(entry => (entry.Set, entry.Element, Origin: OriginOf(entry.Set, entry.Element))).GroupBy(entry => (IsPair(entry.Set, entry.Element), entry.Origin))
                .SelectMany(group => group.Key.Item1 ? [Pairs(group.Count(), group.Key.Origin)] : group.Select(entry => new StateLine(ElementText.Of(entry.Set, entry.Element), entry.Origin))),
        ];
    }

    /// <summary>One of the many that are alike: each address of the node's range with itself.</summary>
    private static bool IsPair(string set, NftablesElement element) => set == TableSets.Hairpin && element.Key[0] == element.Key[1];

    private static StateLine Pairs(int count, string origin) => new($"set ip {NftablesTable.Name} {TableSets.Hairpin} ({count} addresses, each with itself)", origin);

    /// <summary>An endpoint's key is the frontend's, and an index.</summary>
    private static NftablesValue Frontend(string set, NftablesValue key) => FrontendForm.Both.Any(form => form.Endpoints == set)
        ? key.Count == 4 ? NftablesValue.Of(key[0], key[1], key[2]) : NftablesValue.Of(key[0], key[1]) : key;

    private static IEnumerable<StateLine> Lines(PresentChain chain, NftablesChain? known)
    {
        foreach (var rule in chain.Rules)
        {
            var wanted = known?.Rules.FirstOrDefault(candidate => rule.Is(candidate.Expressions));
            yield return wanted is not null ? new(NftablesDrift.Rule(chain.Name, wanted), $"{known!.Origin}")
                : new($"rule ip {NftablesTable.Name} {chain.Name} handle {rule.Handle} ({string.Join(' ', rule.Expressions.Select(expression => expression.Name))})", Told(chain.Name));
        }
    }

    /// <summary>The chains of one Service have its name in theirs.</summary>
    private static string Told(string chain) => chain.Split('/') is [_, var space, var name, _, ..] ? $"Service {space}/{name}" : Mode;
}
