using System.Net;

namespace ServiceMatrix;

/// <summary>
/// The addresses of the matrix. Two nodes n = 1, 2 on one network (192.168.56.1n), the default gateway of both is the world outside
/// (192.168.56.1). Each has a client pod and two pods that serve. Outside knows no way to pods; what it sends to Services goes by node n if
/// it comes from an address that ends in n.
/// </summary>
internal static class AddressPlan
{
    public const string Gateway = "192.168.56.1", ClusterCidr = "10.244.0.0/16", ServiceCidr = "10.96.0.0/16";

    /// <summary>No Service has it.</summary>
    public const string NoService = "10.96.9.9";

    public static readonly IReadOnlyList<int> Nodes = [1, 2];

    public static int Other(int node) => 3 - node;
    public static string Node(int node) => $"192.168.56.1{node}";
    public static string Bridge(int node) => $"10.244.{node}.1";
    public static string PodCidr(int node) => $"10.244.{node}.0/24";
    public static string ClientPod(int node) => $"10.244.{node}.3";
    public static string Outside(int node) => $"203.0.113.{node}";

    /// <summary>Outside too, and in nobody's source ranges.</summary>
    public static string Stranger(int node) => $"198.51.100.{node}";

    public static bool IsIn(string address, string network) => IPNetwork.Parse(network).Contains(IPAddress.Parse(address));
}
