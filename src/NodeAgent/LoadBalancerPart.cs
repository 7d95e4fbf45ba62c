using KubeApi;
using KubeApi.Objects;
using Linux;
using Microsoft.Extensions.Logging;
using NodeAgent.LoadBalancers;

namespace NodeAgent;

/// <summary>The agent's part in answering for load-balancer addresses, fed by its informers. To be made before they run: it hears of every change.</summary>
internal sealed class LoadBalancerPart
{
    private const string ServiceNameLabel = "kubernetes.io/service-name";

    private readonly AgentOptions options;
    private readonly Informer<Node> nodes;
    private readonly Informer<Service> services;
    private readonly Informer<EndpointSlice> slices;
    private readonly ILogger log;
    private readonly SemaphoreSlim changed = new(0, 1);
    private readonly Lock gate = new();

    /// <summary>Services that have addresses that nodes answer for, by key.</summary>
    private readonly Dictionary<string, Service> balanced = [];

    public LoadBalancerPart(AgentOptions options, Informer<Node> nodes, Informer<Service> services, Informer<EndpointSlice> slices, ILogger log)
    {
        (this.options, this.nodes, this.services, this.slices, this.log) = (options, nodes, services, slices, log);
        services.Changed += ServiceChanged;
        slices.Changed += (before, after) =>
        {
            lock (gate)
                if (!balanced.TryGetValue(ServiceOf((after ?? before)!), out var service) || !BalancedAddress.IsLocal(service)) return;
            Wake();
        };
        nodes.Changed += (before, after) =>
        {
            if (before is null || after is null || NodePeers.Differ(before, after) || IsExcluded(before) != IsExcluded(after)) Wake();
        };
    }

    /// <param name="served">Done when the Services' rules are in the kernel: before that a node that has just booted would refuse what it answers for.</param>
    public async Task Run(Task served, CancellationToken cancel)
    {
        await Task.WhenAll(nodes.Synced, services.Synced, slices.Synced, served).WaitAsync(cancel);
        var guard = new AddressGuard(NetworkNamespace.Current, Path.Combine(options.Paths.Run, "load-balancers.pid"));
        guard.Own();
        var loop = new LoadBalancerLoop(NetworkNamespace.Current, options.NodeName, guard.Beat, line => log.LogInformation("{Line}", line));
        await Task.WhenAll(loop.Run(cancel), Feed());

        async Task Feed()
        {
            for (; ; await changed.WaitAsync(cancel)) loop.Update(View());
        }
    }

    /// <summary>Each address, and the Service that it came from, for <c>nodeagent state</c>.</summary>
    /// <param name="known">What the agent knew at last.</param>
    public static IEnumerable<StateLine> State(ServiceSnapshot? known)
    {
        foreach (var held in LinkAddresses.Find(NetworkNamespace.Current))
        {
            var source = known?.Services.SelectMany(service => BalancedAddress.Of(service, [])).FirstOrDefault(address => address.Address.Equals(held.Address));
            yield return new StateLine($"address {held.Address}/{held.PrefixLength} label {held.Label}",
                source is null ? "no object" : $"Service {source.Service}{(source.Generation is { } generation ? $" (generation {generation})" : "")} load-balancer address");
        }
    }

    private void ServiceChanged(Service? before, Service? after)
    {
        lock (gate)
        {
            if (!BalancedAddress.IsOurs(before) && !BalancedAddress.IsOurs(after)) return;
            if (BalancedAddress.IsOurs(after)) balanced[after!.Key] = after;
            else balanced.Remove((after ?? before)!.Key);
        }
        Wake();
    }

    private ClusterView View()
    {
        List<Service> now;
        lock (gate) now = [.. balanced.Values];
        var local = now.Where(BalancedAddress.IsLocal).Select(service => service.Key).ToHashSet();
        var theirs = local.Count == 0 ? null : slices.Items.Where(slice => local.Contains(ServiceOf(slice))).ToLookup(ServiceOf);
        return new ClusterView([.. now.OrderBy(service => service.Key, StringComparer.Ordinal).SelectMany(service => BalancedAddress.Of(service, theirs?[service.Key] ?? []))],
            NodePeers.Addresses(nodes.Items, options.NodeName), nodes.Items.Where(IsExcluded).Select(node => node.Name).ToHashSet());
    }

    private static string ServiceOf(EndpointSlice slice) => $"{slice.Namespace}/{slice.Metadata.Labels?.GetValueOrDefault(ServiceNameLabel)}";

    private static bool IsExcluded(Node node) => node.Metadata.Labels?.ContainsKey(ClusterView.ExcludeLabel) == true;

    private void Wake()
    {
        try { changed.Release(); }
        catch (SemaphoreFullException) { } // it is about to look anyway
    }
}
