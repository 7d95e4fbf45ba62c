using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy;

/// <summary>
/// The chosen mode's way into the kernel, which takes over from the other mode: only once its own rules are there, the other's are removed.
/// So every connection is led by one of them; those that are open are translated by conntrack, whoever has made the rules.
/// </summary>
/// <param name="leave">Removes what the other mode has left; nothing is fine.</param>
internal sealed class ModeSwitch(IRuleBackEnd chosen, Func<CancellationToken, Task> leave) : IRuleBackEnd
{
    private bool tookOver;

    public bool HasLeftovers => chosen.HasLeftovers;

    public Task Apply(ServiceTable table, TableChanges changes, CancellationToken cancel) => chosen.Apply(table, changes, cancel);

    public async Task<IReadOnlyList<Drift>> Compare(ServiceTable table, bool write, CancellationToken cancel)
    {
        var drift = await chosen.Compare(table, write, cancel);
        if (!write || tookOver) return drift;
        await leave(cancel);
        tookOver = true;
        return drift;
    }

    public Task<IReadOnlyList<StateLine>> State(ServiceTable? known, CancellationToken cancel) => chosen.State(known, cancel);

    public Task Cleanup(CancellationToken cancel) => chosen.Cleanup(cancel);
}
