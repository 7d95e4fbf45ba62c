using System.Net;
using KubeApi;
using KubeApi.Objects;
using Microsoft.Extensions.Logging;
using NodeAgent.Dns;

namespace NodeAgent;

/// <summary>The agent's name server, fed by its informers.</summary>
internal static class DnsPart
{
    /// <summary>How long to wait for the control plane, before what an earlier agent knew is better than no answer.</summary>
    private static readonly TimeSpan ListWait = TimeSpan.FromSeconds(1);

    /// <summary>Where this agent answers; null = nowhere.</summary>
    public static IPAddress? AddressOf(AgentOptions options) => options.ClusterDns.Select(text => IPAddress.TryParse(text, out var parsed) ? parsed : null)
        .FirstOrDefault(address => address is not null && options.ServiceCidr.Contains(address));

    /// <returns>Null where the pods' name server is no Service of this cluster: it is somebody else's then.</returns>
    /// <param name="node">The node's own address.</param>
    public static DnsServer? Create(AgentOptions options, IPAddress node, Informer<Node> nodes, Informer<Service> services, Informer<EndpointSlice> slices, ILogger log, KernelState.Repairs repairs)
    {
        if (AddressOf(options) is not { } address) return null;
        var server = new DnsServer(new DnsConfig(address, options.ClusterDomain, [options.ServiceCidr, options.ClusterCidr], log)
        {
            NodeAddress = node, Guarded = true, Repaired = repairs.Done,
            IsClient = client => options.ClusterCidr.Contains(client) || IsNode($"{client}"),
        });
        services.Changed += server.Names.Changed;
        slices.Changed += server.Names.Changed;
        return server;

        bool IsNode(string client) => nodes.Items.Any(known => known.Status?.Addresses?.Any(own => own.Address == client) == true);
    }

    /// <summary>
    /// Queries come to the Service's rules only while this node's agent does not answer them: its own endpoint would be a dead one then.
    /// </summary>
    public static EndpointSlice OfOtherNodes(EndpointSlice slice, string ownNode) =>
        IsDns(slice) ? slice with { Endpoints = [.. (slice.Endpoints ?? []).Where(endpoint => endpoint.NodeName != ownNode)] } : slice;

    private static bool IsDns(EndpointSlice slice) =>
        slice.Namespace == "kube-system" && slice.Metadata.Labels?.GetValueOrDefault("kubernetes.io/service-name") == "kube-dns"
        && slice.Ports?.All(port => port.Port == DnsServer.NodePort) == true;

    public static async Task Run(DnsServer? server, NodePaths paths, Informer<Service> services, Informer<EndpointSlice> slices, CancellationToken cancel)
    {
        if (server is null) return;
        var listed = Listed();
        await Task.WhenAll(server.Run(Known(server, paths, listed, cancel), cancel), listed);

        async Task Listed()
        {
            await Task.WhenAll(services.Synced, slices.Synced).WaitAsync(cancel);
            server.Names.Replace(services.Items, slices.Items);
        }
    }

    /// <summary>Done when the API's lists are in, or the last ones that an agent on this machine saw.</summary>
    private static async Task Known(DnsServer server, NodePaths paths, Task listed, CancellationToken cancel)
    {
        if (await Task.WhenAny(listed, Task.Delay(ListWait, cancel)) == listed) return;
        if (ServiceSnapshot.Read(paths) is { } last) server.Names.Restore(last.Services, last.Slices);
    }
}
