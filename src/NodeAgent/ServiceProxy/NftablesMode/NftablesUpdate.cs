using Linux;

namespace NodeAgent.ServiceProxy.NftablesMode;

/// <summary>
/// The way from what is there to what shall be, in two transactions: the first adds and replaces, the second removes. Between them
/// everything leads somewhere, by the old way or the new one; a packet on its way through while a transaction is committed may see a part
/// of each. Pure. First what is no longer wanted is told, then what is: what is both stays as it is, or is replaced.
/// </summary>
internal sealed class NftablesUpdate
{
    private readonly Dictionary<(string Set, NftablesValue Key), SetElement> added = [], replaced = [], removed = [];
    private readonly Dictionary<string, NftablesSetDump?> removedSets = [];
    private readonly Dictionary<string, PresentChain> removedChains = [];
    private readonly Dictionary<string, NftablesSet> newSets = [];
    private readonly Dictionary<string, NftablesChain> newChains = [];
    private readonly Dictionary<string, (PresentChain Present, NftablesChain Wanted)> rewritten = [];

    public IReadOnlyCollection<SetElement> Added => added.Values;
    public IReadOnlyCollection<SetElement> Replaced => replaced.Values;
    public IReadOnlyCollection<SetElement> Removed => removed.Values;
    public IReadOnlyCollection<string> RemovedSets => removedSets.Keys;
    public IReadOnlyCollection<PresentChain> RemovedChains => removedChains.Values;
    public IReadOnlyCollection<NftablesSet> NewSets => newSets.Values;
    public IReadOnlyCollection<NftablesChain> NewChains => newChains.Values;
    public IReadOnlyCollection<(PresentChain Present, NftablesChain Wanted)> Rewritten => rewritten.Values;

    /// <summary>There is a set of that name and of another form, such as another version of the agent may have left: all has to be made anew.</summary>
    public bool Rebuilds { get; private set; }

    public bool ChangesFirst => added.Count + replaced.Count + newSets.Count + newChains.Count + rewritten.Count > 0;
    public bool ChangesSecond => removed.Count + removedSets.Count + removedChains.Count > 0;

    public void Remove(SetElement element) => removed[element.Id] = element;

    /// <param name="found">As the kernel has it; null for one that was written as it shall be.</param>
    public void Remove(string set, NftablesSetDump? found) => removedSets[set] = found;

    public void Remove(PresentChain chain) => removedChains[chain.Name] = chain;

    public void Add(SetElement element)
    {
        if (!removed.Remove(element.Id, out var present)) added[element.Id] = element;
        else if (!present.Element.LeadsWhere(element.Element)) replaced[element.Id] = element;
    }

    public void Add(NftablesSet set)
    {
        if (!removedSets.Remove(set.Name, out var found)) newSets[set.Name] = set;
        else if (found is not null && !set.Matches(found)) Rebuilds = true;
    }

    public void Add(NftablesChain chain)
    {
        if (!removedChains.Remove(chain.Name, out var present)) newChains[chain.Name] = chain;
        else if (!present.EntersLike(chain) || !present.RunsLike(chain)) rewritten[chain.Name] = (present, chain);
    }

    /// <param name="createsTable">Whether the table has to be made first.</param>
    /// <param name="replacesTable">Whether it has to be removed before, in the same transaction.</param>
    public NftablesBatch First(string table, bool createsTable, bool replacesTable = false)
    {
        var batch = new NftablesBatch(table);
        if (replacesTable) batch.DeleteTable();
        if (createsTable) batch.AddTable();
        foreach (var set in newSets.Values) batch.AddSet(set);
        foreach (var chain in newChains.Values) batch.AddChain(chain.Name, chain.Hook);
        foreach (var (present, wanted) in rewritten.Values)
        {
            batch.Flush(wanted.Name);
            if (!present.EntersLike(wanted)) batch.DeleteChain(wanted.Name).AddChain(wanted.Name, wanted.Hook);
        }
        foreach (var chain in newChains.Values.Concat(rewritten.Values.Select(pair => pair.Wanted)))
            foreach (var rule in chain.Rules) batch.AddRule(chain.Name, rule.Expressions);
        foreach (var (set, elements) in BySet(replaced.Values)) batch.DeleteElements(set, elements);
        foreach (var (set, elements) in BySet(added.Values.Concat(replaced.Values))) batch.AddElements(set, elements);
        return batch;
    }

    public NftablesBatch Second(string table)
    {
        var batch = new NftablesBatch(table);
        foreach (var (set, elements) in BySet(removed.Values.Where(element => !removedSets.ContainsKey(element.Set)))) batch.DeleteElements(set, elements);
        foreach (var chain in removedChains.Keys) batch.Flush(chain); // they may lead to one another
        foreach (var chain in removedChains.Keys) batch.DeleteChain(chain);
        foreach (var set in removedSets.Keys) batch.DeleteSet(set);
        return batch;
    }

    private static IEnumerable<(string Set, IEnumerable<NftablesElement> Elements)> BySet(IEnumerable<SetElement> elements) =>
        elements.GroupBy(element => element.Set).Select(group => (group.Key, group.Select(element => element.Element)));
}
