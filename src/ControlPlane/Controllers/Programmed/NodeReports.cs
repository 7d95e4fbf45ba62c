using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers.Programmed;

/// <summary>
/// Which revisions the nodes' kernels hold, as they say by an annotation of their leases. Only nodes that are Ready count: of a lost one
/// nobody knows, and nobody should wait for it. A node counts from its first report on: one that has just joined (or runs another agent) would
/// else take the condition from every Service of the cluster.
/// </summary>
internal sealed class NodeReports
{
    private const string LeaseNamespace = "kube-node-lease";

    private readonly Dictionary<string, (bool Ready, ProgrammedRevisions? Report)> nodes = [];
    private readonly Lock guard = new();
    private ProgrammedRevisions? lowest;

    /// <summary>
    /// What every node that counts holds at least; null while none counts. Whether a Service is programmed is one comparison with it, however
    /// many nodes there are.
    /// </summary>
    public ProgrammedRevisions? Lowest { get { lock (guard) return lowest; } }

    /// <summary>
    /// Called when <see cref="Lowest"/> is another, with whether that is less in some way: a node that was away is back with what it held
    /// then. Listeners must be quick.
    /// </summary>
    public event Action<bool>? Moved;

    public void Watch(SharedInformers informers)
    {
        informers.Nodes.Changed += (before, after) => SetReady((after ?? before)!.Name, after is not null && NodeHealth.Ready(after) == "True");
        informers.Leases.Changed += (before, after) =>
        {
            if ((after ?? before)!.Namespace == LeaseNamespace)
                SetReport((after ?? before)!.Name, ProgrammedRevisions.Parse(after?.Metadata.Annotations?.GetValueOrDefault(ProgrammedRevisions.Annotation)));
        };
    }

    public void SetReady(string node, bool ready) => Set(node, known => (ready, known.Report));

    /// <param name="report">Null: its kernel holds nothing that is known of.</param>
    public void SetReport(string node, ProgrammedRevisions? report) => Set(node, known => (known.Ready, report));

    /// <summary>The nodes that count and lack something of it, by name.</summary>
    public IReadOnlyList<string> Lagging(ProgrammedRevisions needed)
    {
        lock (guard) return [.. nodes.Where(node => node.Value is { Ready: true, Report: { } report } && !report.Covers(needed)).Select(node => node.Key).Order(StringComparer.Ordinal)];
    }

    private void Set(string node, Func<(bool Ready, ProgrammedRevisions? Report), (bool Ready, ProgrammedRevisions? Report)> change)
    {
        bool less;
        lock (guard)
        {
            var before = nodes.GetValueOrDefault(node);
            var after = change(before);
            if (after == before) return; // a heartbeat
            if (after == default) nodes.Remove(node);
            else nodes[node] = after;
            var moved = LowestNow();
            if (moved == lowest) return;
            less = moved is { } now && lowest is { } last && !now.Covers(last);
            lowest = moved;
        }
        Moved?.Invoke(less);
    }

    private ProgrammedRevisions? LowestNow()
    {
        ProgrammedRevisions? found = null;
        foreach (var node in nodes.Values)
            if (node is { Ready: true, Report: { } report }) found = found is { } other ? ProgrammedRevisions.Lower(other, report) : report;
        return found;
    }
}
