using System.Net;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>
/// The objects that every cluster begins with, made through the API like any others: the four namespaces, and the
/// Service <c>kubernetes</c> by which pods find the API server. Brings back what is missing, keeps what is there.
/// </summary>
internal static class Bootstrap
{
    private static readonly string[] Namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];

    /// <param name="serviceAddress">The Service's clusterIP.</param>
    /// <param name="server">Where the API server is reached from the nodes.</param>
    /// <exception cref="ApiException">The server refused.</exception>
    public static async Task Run(ApiClient client, IPAddress serviceAddress, IPEndPoint server, CancellationToken cancel)
    {
        foreach (var name in Namespaces)
            await IfMissing(client, new Namespace { Metadata = new ObjectMeta { Name = name } }, cancel);
        var labels = new Dictionary<string, string> { ["component"] = "apiserver", ["provider"] = "kubernetes" };
        await IfMissing(client, new Service
        {
            Metadata = new ObjectMeta { Name = "kubernetes", Namespace = "default", Labels = labels },
            Spec = new ServiceSpec
            {
                Type = "ClusterIP", ClusterIP = serviceAddress.ToString(), SessionAffinity = "None",
                Ports = [new ServicePort { Name = "https", Port = 443, Protocol = "TCP", TargetPort = server.Port }],
            },
        }, cancel);
        await Replace(client, new Endpoints
        {
            // Without a selector in the Service, these are nobody's but ours.
            Metadata = new ObjectMeta { Name = "kubernetes", Namespace = "default", Labels = new Dictionary<string, string> { ["endpointslice.kubernetes.io/skip-mirror"] = "true" } },
            Subsets =
            [
                new EndpointSubset
                {
                    Addresses = [new EndpointAddress { Ip = server.Address.ToString() }],
                    Ports = [new KubeApi.Objects.EndpointPort { Name = "https", Port = server.Port, Protocol = "TCP" }],
                },
            ],
        }, cancel);
        await Replace(client, new EndpointSlice
        {
            Metadata = new ObjectMeta { Name = "kubernetes", Namespace = "default", Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = "kubernetes" } },
            AddressType = "IPv4",
            Endpoints = [new KubeApi.Objects.Endpoint { Addresses = [server.Address.ToString()], Conditions = new EndpointConditions { Ready = true } }],
            Ports = [new DiscoveryEndpointPort { Name = "https", Port = server.Port, Protocol = "TCP" }],
        }, cancel);
    }

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
