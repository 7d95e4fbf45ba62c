using NodeAgent.KernelState;
using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy;

/// <summary>
/// A way into the kernel for the <see cref="ServiceTable"/>: iptables or nftables. Calls come one after the other. A call that throws may
/// have written a part; the next must be <see cref="Compare"/> with <c>write</c>.
/// </summary>
internal interface IRuleBackEnd
{
    /// <summary>True where a further <see cref="Apply"/>, about a second later, is to take away what is no longer led to.</summary>
    bool HasLeftovers { get; }

    /// <summary>
    /// Writes changes, without reading the kernel: from what was written last. Costs what is changed. No packet finds a frontend half written.
    /// </summary>
    /// <param name="table">The state after the changes.</param>
    Task Apply(ServiceTable table, TableChanges changes, CancellationToken cancel);

    /// <summary>Reads the kernel and tells what is not as the table wants it; at the start, after an error, and when others meddled.</summary>
    /// <param name="write">Whether to mend it, too.</param>
    Task<IReadOnlyList<Drift>> Compare(ServiceTable table, bool write, CancellationToken cancel);

    /// <summary>Every entry of ours in the kernel, with the API object that it came from.</summary>
    /// <param name="known">The objects, where they are known; else what the entries tell by themselves.</param>
    Task<IReadOnlyList<StateLine>> State(ServiceTable? known, CancellationToken cancel);

    /// <summary>Removes all that this back end ever writes, and nothing else.</summary>
    Task Cleanup(CancellationToken cancel);
}

/// <summary>A difference between what the kernel has and what it shall have.</summary>
/// <param name="Action">add, delete or change: what mends it.</param>
/// <param name="What">The rule or element, as its tool prints it.</param>
/// <param name="Origin">The API object for whose sake.</param>
internal sealed record Drift(string Action, string What, string Origin)
{
    public override string ToString() => $"{Action} {What}  ←  {Origin}";

    /// <summary>In the words that all parts share. What begins with a word that is no option names its kind: "element …", "chain …".</summary>
    public KernelChange AsChange()
    {
        var action = Action switch { "add" => ChangeAction.Add, "delete" => ChangeAction.Delete, _ => ChangeAction.Change };
        var end = What.IndexOf(' ');
        return end > 0 && What[..end].All(char.IsAsciiLetterLower) ? new(action, new(What[..end], What[(end + 1)..], Origin)) : new(action, new("rule", What, Origin));
    }
}
