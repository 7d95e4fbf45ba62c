using System.Net;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>
/// The objects that no cluster can be without, made through the API like any others: the four namespaces, and the
/// Service <c>kubernetes</c> by which pods find the API server. Brings back what is missing, keeps what is there.
/// </summary>
/// <param name="serviceAddress">The Service's clusterIP.</param>
/// <param name="server">Where the API server is reached from the nodes.</param>
internal sealed class Bootstrap(IPAddress serviceAddress, IPEndPoint server)
{
    private const string Name = "kubernetes", Default = "default";

    private static readonly string[] Namespaces = [Default, "kube-system", "kube-public", "kube-node-lease"];

    /// <summary>As kube-apiserver's endpoint reconciler; without kube-node-lease no node can tell that it lives.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Service service = new()
    {
        Metadata = Meta(new() { ["component"] = "apiserver", ["provider"] = "kubernetes" }),
        Spec = new ServiceSpec
        {
            Type = "ClusterIP", ClusterIP = serviceAddress.ToString(), SessionAffinity = "None",
            Ports = [new ServicePort { Name = "https", Port = 443, Protocol = "TCP", TargetPort = server.Port }],
        },
    };

    /// <summary>Without a selector in the Service, these are nobody's but ours.</summary>
    private readonly Endpoints endpoints = new()
    {
        Metadata = Meta(new() { ["endpointslice.kubernetes.io/skip-mirror"] = "true" }),
        Subsets =
        [
            new EndpointSubset
            {
                Addresses = [new EndpointAddress { Ip = server.Address.ToString() }],
                Ports = [new KubeApi.Objects.EndpointPort { Name = "https", Port = server.Port, Protocol = "TCP" }],
            },
        ],
    };

    private readonly EndpointSlice slice = new()
    {
        Metadata = Meta(new() { ["kubernetes.io/service-name"] = Name }),
        AddressType = "IPv4",
        Endpoints = [new KubeApi.Objects.Endpoint { Addresses = [server.Address.ToString()], Conditions = new EndpointConditions { Ready = true } }],
        Ports = [new DiscoveryEndpointPort { Name = "https", Port = server.Port, Protocol = "TCP" }],
    };

    /// <exception cref="ApiException">The server refused.</exception>
    public async Task Run(ApiClient client, CancellationToken cancel)
    {
        foreach (var name in Namespaces) await IfMissing(client, new Namespace { Metadata = new ObjectMeta { Name = name } }, cancel);
        await IfMissing(client, service, cancel);
        await Replace(client, endpoints, cancel);
        await Replace(client, slice, cancel);
    }

    /// <summary>Until cancelled: brings back what somebody deleted or altered. Looks at the store, and asks for nothing while all is there.</summary>
    /// <param name="connect">Makes a client, which is closed after its use.</param>
    public async Task Keep(ObjectStore store, Func<OwnClient> connect, Action<string> log, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(cancel))
            {
                if (IsWhole(store.Snapshot)) continue;
                using var client = connect();
                try { await Run(client.Api, cancel); }
                catch (Exception e) when (e is ApiException or HttpRequestException) { log($"what every cluster has is not all there: {e.Message}; trying again"); } // a namespace that is still ending, e.g.
            }
        }
        catch (OperationCanceledException) { }
    }

    private bool IsWhole(StoreSnapshot snapshot) => Namespaces.All(name => Stored<Namespace>(snapshot, name, "") is not null) && Stored<Service>(snapshot, Name, Default) is not null
        && Stored<Endpoints>(snapshot, Name, Default) is { } there && Same(there.Subsets, endpoints.Subsets)
        && Stored<EndpointSlice>(snapshot, Name, Default) is { } present && Same(present.Endpoints, slice.Endpoints) && Same(present.Ports, slice.Ports);

    private static T? Stored<T>(StoreSnapshot snapshot, string name, string ns) where T : KubeObject => (T?)snapshot.Get(new StoreKey(Resource.Of<T>().QualifiedName, ns, name))?.Object;

    private static bool Same(object? left, object? right) => left is not null && right is not null && KubeJson.Serialize(left).AsSpan().SequenceEqual(KubeJson.Serialize(right));

    private static ObjectMeta Meta(Dictionary<string, string> labels) => new() { Name = Name, Namespace = Default, Labels = labels };

    private static async Task IfMissing<T>(ApiClient client, T obj, CancellationToken cancel) where T : KubeObject
    {
        if (await client.Find<T>(obj.Namespace, obj.Name, cancel) is null) await client.Create(obj, cancel);
    }

    private static async Task Replace<T>(ApiClient client, T obj, CancellationToken cancel) where T : KubeObject
    {
        try { await client.Create(obj, cancel); }
        catch (ApiException e) when (e.IsAlreadyExists) { await client.Update(obj, cancel); }
    }
}
