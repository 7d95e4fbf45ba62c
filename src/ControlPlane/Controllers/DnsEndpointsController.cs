using ControlPlane.ApiServer;
using ControlPlane.Registry.Validation;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>
/// Keeps the Endpoints of kube-system/kube-dns: ready nodes, whose agents answer DNS queries at their own address as well, up to 32. A pod is answered
/// by its own node; these are for the moments in which that node's agent is away. A Service with a selector has pods, and is left alone.
/// </summary>
internal sealed class DnsEndpointsController(ApiClient client, SharedInformers informers, Action<string> log) : Controller("dns-endpoints-controller", log)
{
    private const string Key = $"{DnsService.Namespace}/{DnsService.Name}";

    /// <summary>
    /// Enough for moments. Every node hears of every change of these Endpoints: with all nodes in them, a thousand nodes that get ready one after
    /// the other would be sent a thousand versions of a thousand addresses each.
    /// </summary>
    private const int MostNodes = 32;

    public override void Watch()
    {
        informers.Nodes.Changed += (before, after) =>
        {
            if (AddressOf(before) != AddressOf(after)) Queue.Add(Key);
        };
        informers.Services.Changed += (before, after) => AddIfOurs(after ?? before);
        informers.Endpoints.Changed += (before, after) => AddIfOurs(after ?? before);
    }

    private void AddIfOurs(KubeObject? changed)
    {
        if (changed?.Key == Key) Queue.Add(Key);
    }

    protected override async Task Reconcile(string key, CancellationToken cancel)
    {
        if (informers.Services.Get(Key) is not { Metadata.DeletionTimestamp: null, Spec: { Selector: null or { Count: 0 }, Type: not "ExternalName" } }) return;
        var wanted = Subsets(informers.Nodes.Items);
        var present = await client.Find<Endpoints>(DnsService.Namespace, DnsService.Name, cancel);
        if (present is null)
            await client.Create(new Endpoints { Metadata = new ObjectMeta { Name = DnsService.Name, Namespace = DnsService.Namespace }, Subsets = wanted }, cancel);
        else if (!Same(present.Subsets, wanted)) await client.Update(present with { Subsets = wanted }, cancel);
    }

    /// <summary>Pure: none where no node is ready.</summary>
    internal static IReadOnlyList<EndpointSubset> Subsets(IEnumerable<Node> nodes)
    {
        var addresses = nodes.Select(node => (node.Name, Address: AddressOf(node))).Where(node => node.Address is not null).OrderBy(node => node.Name, StringComparer.Ordinal)
            .Take(MostNodes).Select(node => new EndpointAddress { Ip = node.Address!, NodeName = node.Name }).ToList();
        if (addresses.Count == 0) return [];
        return
        [
            new EndpointSubset
            {
                Addresses = addresses,
                Ports =
                [
                    new EndpointPort { Name = "dns", Port = DnsService.NodePort, Protocol = "UDP" },
                    new EndpointPort { Name = "dns-tcp", Port = DnsService.NodePort, Protocol = "TCP" },
                ],
            },
        ];
    }

    private static bool Same(IReadOnlyList<EndpointSubset>? present, IReadOnlyList<EndpointSubset> wanted) =>
        (present ?? []).SelectMany(subset => subset.Addresses ?? []).Select(address => (address.Ip, address.NodeName)).ToHashSet()
            .SetEquals(wanted.SelectMany(subset => subset.Addresses!).Select(address => (address.Ip, address.NodeName)))
        && (present ?? []).All(subset => subset.NotReadyAddresses is not { Count: > 0 } && subset.Ports?.All(port => port.Port == DnsService.NodePort) == true);

    /// <summary>Null for a node that is not ready, or tells an address that no endpoint may have: it must not keep the others out.</summary>
    private static string? AddressOf(Node? node) =>
        node?.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true
            && node.Status.Addresses?.FirstOrDefault(address => address.Type == "InternalIP")?.Address is { } address && IpAddress.SpecialProblem(address) is null ? address : null;
}
