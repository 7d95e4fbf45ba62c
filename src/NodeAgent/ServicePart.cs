using KubeApi;
using KubeApi.Objects;
using Linux;
using Microsoft.Extensions.Logging;
using NodeAgent.Kubelet;
using NodeAgent.ServiceProxy;

namespace NodeAgent;

/// <summary>The agent's service proxy, fed by its informers. To be made before they run: it hears of every change.</summary>
internal sealed class ServicePart
{
    private static readonly TimeSpan SaveEvery = TimeSpan.FromMilliseconds(500);

    private readonly AgentOptions options;
    private readonly Informer<Node> nodes;
    private readonly Informer<Service> services;
    private readonly Informer<EndpointSlice> slices;
    private readonly NetworkPart network;
    private readonly Proxier proxier;
    private readonly Lock facts = new();
    private readonly SemaphoreSlim unsaved = new(1, 1);
    private readonly ServiceSnapshotFile file;

    public ServicePart(AgentOptions options, Informer<Node> nodes, Informer<Service> services, Informer<EndpointSlice> slices, NetworkPart network, ProgrammedProgress progress, ILogger log, KernelState.Repairs repairs)
    {
        (this.options, this.nodes, this.services, this.slices, this.network) = (options, nodes, services, slices, network);
        file = new ServiceSnapshotFile(options.Paths);
        proxier = new Proxier(log, ProxyModes.BackEnd(options.ProxyMode), new StaleFlows(new Conntrack(), log) { HostPorts = UdpHostPorts(options.Paths) }, repaired: repairs.Done) { Progress = progress };
        services.Changed += (before, after) =>
        {
            proxier.Changed(before, after);
            Unsaved(before, after);
        };
        slices.Changed += (before, after) =>
        {
            proxier.Changed(Seen(before), Seen(after));
            Unsaved(before, after);
        };
        nodes.Changed += (before, after) =>
        {
            if (!NodePeers.Differ(before, after)) return; // not at every heartbeat
            FactsChanged();
            Unsaved(before, after);
        };
        network.TunnelledChanged += () =>
        {
            FactsChanged();
            file.SettingsChanged();
            Unsaved();
        };
        progress.Watch(services, slices);
        progress.Awaited += proxier.Look;
    }

    /// <inheritdoc cref="Proxier.Altered"/>
    public void Altered(string? by) => proxier.Altered(by);

    public Proxier Proxier => proxier;

    private static HashSet<int> UdpHostPorts(NodePaths paths) =>
        [.. PodRecords.HostPorts(paths).Values.SelectMany(ports => ports).Where(port => port.Protocol == "udp").Select(port => port.Port)];

    private Task Listed => Task.WhenAll(nodes.Synced, services.Synced, slices.Synced);

    public async Task Run(CancellationToken cancel)
    {
        var running = proxier.Run(cancel);
        await Listed.WaitAsync(cancel);
        TellFacts();
        await Task.WhenAll(running, Save(cancel));
    }

    private EndpointSlice? Seen(EndpointSlice? slice) => slice is null ? null : DnsPart.OfOtherNodes(slice, options.NodeName);

    private void FactsChanged()
    {
        if (Listed.IsCompletedSuccessfully) TellFacts();
    }

    /// <summary>One at a time, so that older facts never come after newer ones.</summary>
    private void TellFacts()
    {
        lock (facts) proxier.Changed(NodePeers.Facts([.. nodes.Items], options.NodeName, options.ClusterCidr, options.ServiceCidr, network.Tunnelled) with
        {
            NodePortAddresses = options.NodePortAddresses, LocalhostNodePorts = options.LocalhostNodePorts,
        });
    }

    /// <summary>The rules follow each change; the file, which people read and the next agent, comes a little later.</summary>
    private async Task Save(CancellationToken cancel)
    {
        while (true)
        {
            await unsaved.WaitAsync(cancel);
            file.Save(Snapshot);
            await Task.Delay(SaveEvery, cancel);
        }
    }

    private ServiceSnapshot Snapshot() => new([.. services.Items], [.. slices.Items], [.. nodes.Items], options.NodeName, $"{options.ClusterCidr}", $"{options.ServiceCidr}")
    {
        Tunnelled = network.Tunnelled, NodePortAddresses = [.. options.NodePortAddresses.Select(network => $"{network}")],
        LocalhostNodePorts = options.LocalhostNodePorts, ProxyMode = options.ProxyMode,
    };

    private void Unsaved(KubeObject? before, KubeObject? after)
    {
        file.Changed(before, after);
        Unsaved();
    }

    private void Unsaved()
    {
        try { unsaved.Release(); }
        catch (SemaphoreFullException) { } // it will be saved anyway
    }
}
