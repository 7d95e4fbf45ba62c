using System.Net;
using KubeApi;
using KubeApi.Objects;
using Linux;
using NodeAgent.PodNetwork;

namespace NodeAgent.Doctor;

/// <summary>Asks the control plane and the other nodes, as far as they are known.</summary>
internal sealed class Network(DoctorOptions options)
{
    private readonly Kubeconfig? kubeconfig = File.Exists(options.Kubeconfig) ? Kubeconfig.Load(options.Kubeconfig) : null;

    private DnsEndPoint? ControlPlane => options.ControlPlane ?? (kubeconfig is null ? null : new DnsEndPoint(new Uri(kubeconfig.Server).Host, new Uri(kubeconfig.Server).Port));

    /// <summary>By how much this clock is ahead of the control plane's, as far as the second of its answers' header Date tells.</summary>
    public async Task<TimeSpan?> ClockAhead(CancellationToken cancel)
    {
        if (ControlPlane is not { } plane) return null;
        // Nothing secret is sent and nothing is believed but the time: a certificate that the wrong clock makes invalid must not hide it.
        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } };
        using var http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            using var answer = await http.GetAsync(new UriBuilder("https", plane.Host, plane.Port, "/version").Uri, cancel);
            return answer.Headers.Date is { } date ? DateTimeOffset.UtcNow - date : null;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested) { return null; } // Examine tells why
    }

    public async Task<IReadOnlyList<Finding>> Examine(CancellationToken cancel)
    {
        if (ControlPlane is not { } plane)
            return [Finding.Note($"there is no {options.Kubeconfig} yet: which address, and whether the control plane is reached, is not known", "nodeagent doctor --control-plane HOST:PORT")];
        IPAddress host;
        try { host = (await System.Net.Dns.GetHostAddressesAsync(plane.Host, System.Net.Sockets.AddressFamily.InterNetwork, cancel))[0]; }
        catch (System.Net.Sockets.SocketException e) { return [Finding.Fault($"the control plane's name {plane.Host} is not found: {e.Message}", $"echo 'ADDRESS {plane.Host}' >>/etc/hosts")]; }
        var findings = new List<Finding>();
        IPAddress own;
        try { own = PodNetwork.NodeAddress.Choose(options.NodeIp, host); }
        catch (InvalidOperationException e) { return [Finding.Fault(e.Message, $"nodeagent run --node-ip ADDRESS; ip route get {host}")]; }
        findings.Add(Finding.Ok($"node address {PodNetwork.NodeAddress.Reason(own, options.NodeIp, host)}"));
        findings.Add(ReachCheck.ControlPlane(plane.Host, plane.Port, await PathProbe.Refusal(plane, cancel)));
        var link = LinkOf(own);
        var peers = await Peers(host, findings, cancel);
        findings.AddRange(ReachCheck.Judge(own, link.Name, link.Mtu, [.. peers.Select(peer => peer with { Largest = peer.Address.Equals(own) ? link.Mtu : PathProbe.LargestPacket(peer.Address, link.Mtu) })]));
        findings.AddRange(OffloadCheck.Examine(link.Name));
        return findings;
    }

    private static Link LinkOf(IPAddress own)
    {
        using var socket = NetlinkSocket.OpenIn(NetworkNamespace.Current);
        var index = Addresses.List(socket).First(address => address.Address.Equals(own)).Link;
        return Links.List(socket).First(link => link.Index == index);
    }

    private async Task<List<Peer>> Peers(IPAddress controlPlane, List<Finding> findings, CancellationToken cancel)
    {
        var peers = new List<Peer> { new("the control plane", controlPlane, null) };
        if (options.Peers is { } given) peers.AddRange(given.Select(address => new Peer("peer", address, null)));
        else if (kubeconfig is not null)
            try
            {
                using var client = new ApiClient(kubeconfig, "nodeagent/doctor");
                var self = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(kubeconfig.ClientCertificate).GetNameInfo(System.Security.Cryptography.X509Certificates.X509NameType.SimpleName, false);
                foreach (var node in (await client.List<Node>(new ListOptions(), cancel)).Items.Where(node => $"system:node:{node.Metadata.Name}" != self))
                    if (node.Status?.Addresses?.FirstOrDefault(address => address.Type == "InternalIP")?.Address is { } text && IPAddress.TryParse(text, out var address))
                        peers.Add(new Peer($"node {node.Metadata.Name}", address, null));
            }
            catch (Exception e) when (e is HttpRequestException or ApiException or IOException)
            {
                findings.Add(Finding.Fault($"the API server does not answer this node's identity: {e.Message}", $"look at its clock and at {options.Kubeconfig}; join again if it is another cluster's"));
            }
        return peers;
    }
}
