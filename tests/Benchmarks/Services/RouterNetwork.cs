using System.Net;

namespace Benchmarks.Services;

/// <summary>
/// A client (a pod's address), a router whose rules are measured, and a server that has every endpoint's address and accepts connections at
/// the endpoints' port. Everything is one of three namespaces, connected by veth pairs.
/// </summary>
internal sealed class RouterNetwork : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("services-bench-").FullName;
    private Acceptor? acceptor;

    private RouterNetwork()
    {
        Client = new(directory, "client");
        Router = new(directory, "router");
        Server = new(directory, "server");
    }

    public Space Client { get; }
    public Space Router { get; }
    public Space Server { get; }

    public static async Task<RouterNetwork> Create()
    {
        var network = new RouterNetwork();
        try
        {
            await network.Connect();
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private async Task Connect()
    {
        await Router.Ip("link set lo up", $"link add c0 type veth peer name eth0 netns {Client.File}", $"link add s0 type veth peer name eth0 netns {Server.File}",
            "link set c0 up", "link set s0 up", "address add 10.128.0.1/24 dev c0", "address add 192.168.57.1/24 dev s0",
            "route add 10.128.0.0/9 via 192.168.57.2", "route add 10.96.0.0/16 via 192.168.57.2");
        await Client.Ip("link set lo up", "link set eth0 up", "address add 10.128.0.2/24 dev eth0", "route add default via 10.128.0.1");
        // All of 10.129.0.0 and on is this machine's own: any endpoint is there.
        await Server.Ip("link set lo up", "link set eth0 up", "address add 192.168.57.2/24 dev eth0", "route add default via 192.168.57.1",
            "route add local 10.128.0.0/9 dev lo", "route add 10.128.0.0/24 via 192.168.57.1");
        Router.Sysctls("ipv4/ip_forward=1", "ipv4/conf/all/rp_filter=0", "ipv4/conf/c0/rp_filter=0", "ipv4/conf/s0/rp_filter=0",
            "ipv4/conf/all/send_redirects=0", "ipv4/conf/c0/send_redirects=0", "netfilter/nf_conntrack_tcp_timeout_close=1");
        Client.Sysctls("ipv4/ip_local_port_range=2000 65000");
        acceptor = Acceptor.Start(Server, IPAddress.Any, MadeUpServices.TargetPort);
    }

    public void Dispose()
    {
        acceptor?.Dispose();
        Client.Dispose();
        Router.Dispose();
        Server.Dispose();
        Directory.Delete(directory, recursive: true);
    }
}
