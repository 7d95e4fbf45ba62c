using System.Net;
using Linux;
using NodeAgent.ServiceProxy;
using NodeAgent.ServiceProxy.IptablesMode;
using NodeAgent.ServiceProxy.Model;
using NodeAgent.ServiceProxy.NftablesMode;

namespace Benchmarks.Services;

/// <summary>Our rules for made-up Services in a namespace, written by a back end alone: no informer, no loop.</summary>
/// <param name="facts">Of the node; null = those of <see cref="MadeUpServices"/>.</param>
internal sealed class OurRules(Space space, ProxyMode mode, IptablesBackend iptables, NodeFacts? facts = null) : IDisposable
{
    private readonly IRuleBackEnd backEnd = mode == ProxyMode.Nftables
        ? new NftablesBackEnd(space.Namespace, new ForwardAccept(space.TryRun, iptables)) : new IptablesBackEnd(space.TryRun, iptables);
    private ServiceTable table = new(facts ?? MadeUpServices.Facts);

    /// <summary>As an agent does that starts where there is nothing.</summary>
    public Task Load(int count, CancellationToken cancel)
    {
        table = ServiceTable.Of(MadeUpServices.Services(count), MadeUpServices.Slices(count), table.Node);
        return backEnd.Compare(table, write: true, cancel);
    }

    /// <summary>As an agent does that hears of a slice.</summary>
    public Task Change(int service, IReadOnlyList<IPAddress> endpoints, CancellationToken cancel)
    {
        table.Put(MadeUpServices.Slice(service, endpoints));
        return backEnd.Apply(table, table.Take(), cancel);
    }

    public void Dispose() => (backEnd as IDisposable)?.Dispose();
}
