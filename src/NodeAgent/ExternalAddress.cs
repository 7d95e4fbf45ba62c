using System.Net;

namespace NodeAgent;

/// <summary>What <c>--node-external-ip</c> says.</summary>
/// <param name="Given">Null: the node's own address, whichever is chosen, is reached from outside too.</param>
internal sealed record ExternalAddress(IPAddress? Given)
{
    /// <summary>The flag's word for "the same as the node's".</summary>
    public const string SameAsNode = "node-ip";

    public static bool TryParse(string text, out ExternalAddress? external)
    {
        var isAddress = IPAddress.TryParse(text, out var address);
        external = isAddress || text == SameAsNode ? new ExternalAddress(address) : null;
        return external is not null;
    }

    /// <summary>The address of type ExternalIP of a node with this InternalIP.</summary>
    public IPAddress Of(IPAddress node) => Given ?? node;
}
