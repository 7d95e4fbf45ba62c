using Linux;
using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy.NftablesMode;

/// <summary>A chain with its rules in order.</summary>
/// <param name="Hook">Null for one that others lead to.</param>
/// <param name="Origin">The object for whose sake it is there.</param>
internal sealed record NftablesChain(string Name, NftablesHook? Hook, IReadOnlyList<NftablesRule> Rules, Origin Origin)
{
    /// <summary>Whether packets see no difference.</summary>
    public bool IsLike(NftablesChain other) => Hook == other.Hook && Rules.Count == other.Rules.Count
        && Rules.Zip(other.Rules).All(pair => pair.First.ToString() == pair.Second.ToString());
}

/// <summary>An element, the set that it is in, and the object that it came from.</summary>
internal readonly record struct SetElement(string Set, NftablesElement Element, Origin Origin)
{
    public (string Set, NftablesValue Key) Id => (Set, Element.Key);
}
