using System.Net;

namespace NodeAgent.Doctor;

/// <summary>What <c>nodeagent doctor</c> was told.</summary>
/// <param name="Kubeconfig">Where the control plane is and who we are; need not exist.</param>
/// <param name="ControlPlane">Host and port, where no kubeconfig tells them.</param>
/// <param name="Peers">Addresses of other nodes; null: the Nodes that the API server knows.</param>
/// <param name="NodeIp">Null: chosen.</param>
/// <param name="Nftables">The agent is to serve Services by nf_tables.</param>
internal sealed record DoctorOptions(string Kubeconfig, DnsEndPoint? ControlPlane, IReadOnlyList<IPAddress>? Peers, IPAddress? NodeIp, int Port, int VxlanPort, NodePaths Paths, bool Nftables = false);
