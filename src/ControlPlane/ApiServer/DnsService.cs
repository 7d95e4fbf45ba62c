using System.Net;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>
/// The Service <c>kube-dns</c>: the address under which every node's agent answers its pods' DNS queries itself (NodeAgent/Dns/README.md). The
/// name, the labels and the address are those that clusters have had since kube-dns, and that people look for.
/// </summary>
internal static class DnsService
{
    public const string Namespace = "kube-system", Name = "kube-dns";

    /// <summary>Where agents answer at their node's own address; NodeAgent/Dns/DnsServer.cs has the same number.</summary>
    public const int NodePort = 10053;

    /// <summary>Makes it where it is missing; one that is there stays as it is.</summary>
    /// <param name="address">Null: the Service network is too small to have one.</param>
    /// <returns>Why there is none, if there is none.</returns>
    public static async Task<string?> Create(ApiClient client, IPAddress? address, CancellationToken cancel)
    {
        if (address is null) return "there is no Service kube-system/kube-dns: the Service network has no tenth address";
        if (await client.Find<Service>(Namespace, Name, cancel) is not null) return null;
        try
        {
            await client.Create(Of(address), cancel);
            return null;
        }
        // Somebody was given the address before this cluster had DNS: no reason not to start.
        catch (ApiException e) when (e.Code == 422) { return $"there is no Service kube-system/kube-dns: {e.Message}"; }
    }

    public static Service Of(IPAddress address) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = Name, Namespace = Namespace,
            Labels = new Dictionary<string, string> { ["k8s-app"] = "kube-dns", ["kubernetes.io/cluster-service"] = "true", ["kubernetes.io/name"] = "CoreDNS" },
        },
        Spec = new ServiceSpec
        {
            Type = "ClusterIP", ClusterIP = address.ToString(), SessionAffinity = "None",
            Ports =
            [
                new ServicePort { Name = "dns", Port = 53, Protocol = "UDP", TargetPort = NodePort },
                new ServicePort { Name = "dns-tcp", Port = 53, Protocol = "TCP", TargetPort = NodePort },
            ],
        },
    };
}
