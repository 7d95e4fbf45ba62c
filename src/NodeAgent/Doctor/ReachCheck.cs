using System.Net;

namespace NodeAgent.Doctor;

/// <summary>Another machine, as seen from here.</summary>
/// <param name="Name">"the control plane", "node node2".</param>
/// <param name="Largest">Bytes of the largest packet that gets there whole; null: no ping is answered.</param>
internal sealed record Peer(string Name, IPAddress Address, int? Largest);

/// <summary>Whether this machine reaches the others, by the right address and with whole packets.</summary>
internal static class ReachCheck
{
    /// <param name="own">The node address and the link that has it.</param>
    public static IEnumerable<Finding> Judge(IPAddress own, string link, int mtu, IReadOnlyList<Peer> peers)
    {
        foreach (var peer in peers)
            yield return peer switch
            {
                _ when peer.Address.Equals(own) && peer.Name.StartsWith("node ", StringComparison.Ordinal) =>
                    Finding.Fault($"{peer.Name} has this machine's address {own}, as on Vagrant's NAT, where all have the same", "nodeagent run --node-ip with an address on the network that joins the nodes"),
                { Largest: null } => Finding.Note($"{peer.Name} ({peer.Address}) answers no ping: it is off, or a firewall forbids it, and its MTU is not known", $"ping -c 3 {peer.Address}; ip route get {peer.Address}"),
                { Largest: { } largest } when largest < mtu => Finding.Fault($"{peer.Name} ({peer.Address}) gets packets of at most {largest} bytes, but {link} has an MTU of {mtu}: large answers hang",
                    $"ip link set dev {link} mtu {largest}   (and lastingly where {link} is configured, on every node)"),
                _ => Finding.Ok($"{peer.Name} ({peer.Address}) answers, also packets of {mtu} bytes"),
            };
    }

    /// <param name="refusal">Why no connection came about; null: it did.</param>
    public static Finding ControlPlane(string host, int port, string? refusal) => refusal is null ? Finding.Ok($"the control plane accepts connections at {host}:{port}")
        : Finding.Fault($"the control plane does not accept connections at {host}:{port}: {refusal}", $"on its machine: systemctl status controlplane; ss -ltn 'sport = :{port}'; and its firewall. Here: ip route get {host}");
}
