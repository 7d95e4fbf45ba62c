using System.Net;
using Linux;
using NodeAgent.ServiceProxy.Model;
using ServiceMatrix;

namespace KernelTests.ServiceProxy.Matrix;

/// <summary>The <see cref="AddressPlan"/> in namespaces, with all servers running. The pods are connected as PodNetwork does it.</summary>
internal sealed class MatrixWorld : IAsyncDisposable
{
    /// <summary>Forty addresses outside that come by node 1.</summary>
    public static readonly IReadOnlyList<string> Crowd = [.. Enumerable.Range(130, 40).Select(host => $"203.0.113.{host}")];

    private readonly string directory = Directory.CreateTempSubdirectory("matrix-").FullName;
    private readonly Dictionary<string, TestSpace> spaces = [];
    private readonly List<MatrixServer> servers = [];

    private MatrixWorld()
    {
        foreach (var name in (string[])["outside", "node1", "node2", "client1", "client2", .. Server.All.Where(server => server.Node is not null).Select(server => server.Name)])
            spaces[name] = new(directory, name);
    }

    public TestSpace Outside => spaces["outside"];

    public TestSpace Node(int node) => spaces[$"node{node}"];

    public TestSpace ClientPod(int node) => spaces[$"client{node}"];

    public TestSpace SpaceOf(Server server) => spaces[server.Name];

    /// <param name="ports">At which every server listens, by TCP and UDP; SCTP is answered at every port.</param>
    public static async Task<MatrixWorld> Create(IReadOnlyCollection<int> ports)
    {
        var world = new MatrixWorld();
        foreach (var space in world.spaces.Values)
        {
            await space.Ip("link set lo up\n");
            // Thousands of refusals a second are wanted here.
            space.Sysctls("ipv4/icmp_ratemask=0", "ipv4/conf/all/rp_filter=0", "ipv4/conf/default/rp_filter=0");
        }
        await world.ConnectNodes();
        foreach (var node in AddressPlan.Nodes) await world.ConnectPods(node);
        foreach (var server in Server.All) world.servers.Add(new(world.SpaceOf(server), server.Name, ports));
        return world;
    }

    /// <summary>What the agent on a node knows of it.</summary>
    public static NodeFacts Facts(int node) => new()
    {
        NodeName = $"node{node}", Zone = $"zone{node}", ResourceVersion = "1", NodeAddress = IPAddress.Parse(AddressPlan.Node(node)), PodCidr = IPNetwork.Parse(AddressPlan.PodCidr(node)),
        ClusterCidr = IPNetwork.Parse(AddressPlan.ClusterCidr), ServiceCidr = IPNetwork.Parse(AddressPlan.ServiceCidr),
        NonMasqueradeCidrs = [.. AddressPlan.Nodes.Select(other => IPNetwork.Parse($"{AddressPlan.Node(other)}/32"))],
    };

    private async Task ConnectNodes()
    {
        await Outside.Ip($"link add lan type bridge\nlink set lan up\naddress add {AddressPlan.Gateway}/24 dev lan\naddress add 203.0.113.129/25 dev lo\nrule add from 203.0.113.128/25 lookup 101\n");
        Outside.Sysctls("bridge/bridge-nf-call-iptables=0", "ipv4/ip_forward=1", "ipv4/conf/all/send_redirects=0", "ipv4/conf/lan/send_redirects=0");
        foreach (var node in AddressPlan.Nodes)
        {
            await Outside.Ip($"""
                link add node{node} type veth peer name eth1 netns {Node(node).File}
                link set node{node} master lan up
                address add {AddressPlan.Outside(node)}/32 dev lo
                address add {AddressPlan.Stranger(node)}/32 dev lo
                rule add from {AddressPlan.Outside(node)} lookup 10{node}
                rule add from {AddressPlan.Stranger(node)} lookup 10{node}
                route add default via {AddressPlan.Node(node)} dev lan table 10{node}

                """);
            await Node(node).Ip($"""
                link set eth1 up
                address add {AddressPlan.Node(node)}/24 dev eth1
                route add default via {AddressPlan.Gateway}
                route add {AddressPlan.PodCidr(AddressPlan.Other(node))} via {AddressPlan.Node(AddressPlan.Other(node))}

                """);
        }
    }

    private async Task ConnectPods(int node)
    {
        await Node(node).Ip($"""
            link add na0 address 0a:58:0a:f4:0{node}:01 type bridge
            link set na0 up
            address add {AddressPlan.Bridge(node)}/24 dev na0
            route add {AddressPlan.ServiceCidr} dev na0 src {AddressPlan.Node(node)}

            """);
        Node(node).Sysctls("ipv4/ip_forward=1", "bridge/bridge-nf-call-iptables=1", "ipv4/conf/all/send_redirects=0", "ipv4/conf/na0/send_redirects=0",
            "ipv4/conf/eth1/send_redirects=0");
        (TestSpace Space, string Address)[] pods =
            [(ClientPod(node), AddressPlan.ClientPod(node)), .. Server.All.Where(server => server.Node == node).Select(server => (SpaceOf(server), server.Address))];
        foreach (var (space, address) in pods)
        {
            await Node(node).Ip($"link add nav-{space.Name} type veth peer name eth0 netns {space.File}\nlink set nav-{space.Name} master na0 up\nlink set nav-{space.Name} type bridge_slave hairpin on\n");
            await space.Ip($"link set eth0 up\naddress add {address}/32 dev eth0\nroute add {AddressPlan.Bridge(node)} dev eth0 scope link\nroute add default via {AddressPlan.Bridge(node)}\n");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in servers) await server.DisposeAsync();
        foreach (var space in spaces.Values) space.Dispose();
        Directory.Delete(directory, recursive: true);
        Assert.DoesNotContain(Mounts.Read(), mount => mount.Target.StartsWith(directory, StringComparison.Ordinal));
    }
}
