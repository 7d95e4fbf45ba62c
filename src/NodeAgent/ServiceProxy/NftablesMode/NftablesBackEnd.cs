using Linux;
using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy.NftablesMode;

/// <summary>Services as sets of nf_tables, in a table of our own: <c>ip na</c>.</summary>
/// <param name="inside">Null = this process' own network namespace.</param>
/// <param name="forward">What has to stand in iptables nevertheless; null = nothing.</param>
internal sealed class NftablesBackEnd(NetworkNamespace? inside = null, ForwardAccept? forward = null) : IRuleBackEnd, IDisposable
{
    private const int Attempts = 3;

    /// <summary>Others have changed the table between looking and writing.</summary>
    private static readonly int[] Stale = [LibC.EEXIST, LibC.ENOENT, LibC.EBUSY];

    private NftablesSocket? socket;
    private NftablesTable? written; // null = only the kernel knows
    private uint generation; // of the ruleset, after what we did last

    public bool HasLeftovers => written?.Unused.Any() == true;

    public Task Apply(ServiceTable table, TableChanges changes, CancellationToken cancel)
    {
        var next = written ?? throw new InvalidOperationException("nothing was compared yet");
        var change = new NftablesUpdate();
        written = null; // until all of it is in the kernel
        if (changes.IsEmpty) next.DropUnused(change);
        else next.Follow(table, changes, change);
        Commit(change, createsTable: false);
        written = next;
        return changes.Node && forward is not null ? forward.Compare(table.Node, write: true, cancel) : Task.CompletedTask;
    }

    /// <summary>
    /// Reads the kernel only if somebody else has changed a ruleset since: each transaction has a number. The order of endpoints is the
    /// kernel's own, so what is right already is not written.
    /// </summary>
    public async Task<IReadOnlyList<Drift>> Compare(ServiceTable table, bool write, CancellationToken cancel)
    {
        var drift = new List<Drift>();
        var now = Socket.Generation();
        if (written is null || !write || now != generation || !written.IsOf(table)) drift.AddRange(CompareTable(table, write));
        if (forward is not null) drift.AddRange(await forward.Compare(table.Node, write, cancel));
        return drift;
    }

    private List<Drift> CompareTable(ServiceTable table, bool write)
    {
        var unused = written?.Unused.ToList() ?? [];
        for (var attempt = 1; ; attempt++)
        {
            var seen = Socket.Generation();
            var kernel = KernelTable.Read(Socket);
            var change = kernel.Removal();
            var next = new NftablesTable(table, kernel.OrderOf, change, unused);
            var drift = NftablesDrift.Of(change).ToList();
            if (!write) return drift;
            written = null;
            generation = seen;
            try
            {
                if (change.Rebuilds) Rebuild(table, out next);
                else Commit(change, !kernel.Exists);
                written = next;
                return drift;
            }
            catch (NetlinkException refused) when (attempt < Attempts && refused.Failures.All(failure => Stale.Contains(failure.Errno))) { }
        }
    }

    /// <summary>The only case in which everything is replaced at once: a packet that comes by in that moment may be lost.</summary>
    private void Rebuild(ServiceTable table, out NftablesTable next)
    {
        var change = new NftablesUpdate();
        next = new NftablesTable(table, null, change);
        var batch = change.First(NftablesTable.Name, createsTable: true, replacesTable: true);
        Socket.Commit(batch);
        Committed();
    }

    private void Commit(NftablesUpdate change, bool createsTable)
    {
        if (createsTable || change.ChangesFirst)
        {
            Socket.Commit(change.First(NftablesTable.Name, createsTable));
            Committed();
        }
        if (!change.ChangesSecond) return;
        Socket.Commit(change.Second(NftablesTable.Name));
        Committed();
    }

    /// <summary>0 is no number.</summary>
    private void Committed() => generation = generation == uint.MaxValue ? 1 : generation + 1;

    public async Task<IReadOnlyList<StateLine>> State(ServiceTable? known, CancellationToken cancel)
    {
        var kernel = KernelTable.Read(Socket);
        var lines = NftablesState.Of(kernel, known);
        return forward is null ? lines : [.. lines, .. await forward.State(cancel)];
    }

    public async Task Cleanup(CancellationToken cancel)
    {
        written = null;
        if (Socket.Exists(NftablesTable.Name)) Socket.Commit(new NftablesBatch(NftablesTable.Name).DeleteTable());
        if (forward is not null) await forward.Remove(cancel);
    }

    private NftablesSocket Socket => socket ??= new(inside);

    public void Dispose() => socket?.Dispose();
}
