using System.Net;
using ControlPlane.ApiServer;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.NodeProxy;

/// <summary>Where a node's agent listens, as its Node object says.</summary>
internal readonly record struct NodeEndpoint(IPAddress Address, int Port)
{
    /// <summary>The kubelet's, for a node that names none.</summary>
    private const int DefaultPort = 10250;

    /// <exception cref="StatusException">There is no such node, or it has told no address.</exception>
    public static NodeEndpoint Of(StoreSnapshot snapshot, string name)
    {
        var node = snapshot.Get(new StoreKey("nodes", "", name))?.Object as Node ?? throw StatusException.NotFound(Resource.Of<Node>(), name);
        var address = node.Status?.Addresses?.FirstOrDefault(address => address.Type == "InternalIP")?.Address;
        if (!IPAddress.TryParse(address ?? "", out var parsed))
            throw StatusException.InternalError($"no preferred addresses found; known addresses: [{string.Join(' ', node.Status?.Addresses?.Select(known => known.Address) ?? [])}]");
        var port = node.Status?.DaemonEndpoints?.KubeletEndpoint?.Port;
        return new NodeEndpoint(parsed, port is > 0 and <= 65535 ? port.Value : DefaultPort);
    }

    public override string ToString() => new IPEndPoint(Address, Port).ToString();
}
