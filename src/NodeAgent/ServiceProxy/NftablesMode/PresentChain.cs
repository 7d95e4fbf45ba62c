using Linux;

namespace NodeAgent.ServiceProxy.NftablesMode;

/// <summary>A chain that is there: as it was written, or as the kernel has shown it.</summary>
/// <param name="Written">Null where only the kernel knows.</param>
/// <param name="Rules">The kernel's.</param>
/// <param name="Accepts">Its policy.</param>
internal sealed record PresentChain(string Name, NftablesHook? Hook, bool Accepts, NftablesChain? Written, IReadOnlyList<NftablesRuleDump> Rules)
{
    public static PresentChain Of(NftablesChain written) => new(written.Name, written.Hook, true, written, []);

    /// <summary>Whether packets enter as they shall; else it has to be made anew.</summary>
    public bool EntersLike(NftablesChain wanted) => Hook == wanted.Hook && Accepts;

    public bool RunsLike(NftablesChain wanted) => Written is not null ? Written.IsLike(wanted) : Runs(wanted);

    private bool Runs(NftablesChain wanted) => Rules.Count == wanted.Rules.Count && Rules.Zip(wanted.Rules).All(pair => pair.First.Is(pair.Second.Expressions));
}
