using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using KernelTests.ServiceProxy;
using Linux;
using NodeAgent.LoadBalancers;

namespace KernelTests.LoadBalancers;

/// <summary>Sends hellos in a node's name and from its address, with the highest time to live, to the nodes' group and to each of them, until disposed.</summary>
internal sealed class FalseHellos : IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Task running;

    public FalseHellos(TestSpace from, string name, IPAddress pretended, params IPAddress[] targets)
    {
        var socket = from.Namespace.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Raw)); // the whole packet is ours to write
        socket.SetRawSocketOption(LibC.SOL_SOCKET, LibC.SO_BINDTODEVICE, "eth0"u8);
        running = Task.Run(async () =>
        {
            using (socket)
                while (!stop.IsCancellationRequested)
                {
                    foreach (var target in targets.Append(HelloSocket.Group.Address)) socket.SendTo(Packet(name, pretended, target), new IPEndPoint(target, 0));
                    await Task.Delay(50);
                }
        });
    }

    /// <summary>IPv4 and UDP headers and a hello; the kernel fills in the header's checksum, and UDP needs none.</summary>
    private static byte[] Packet(string name, IPAddress source, IPAddress target)
    {
        var hello = new Hello(name, Ready: true).Write();
        var packet = new byte[28 + hello.Length];
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        (packet[8], packet[9]) = (255, 17);
        source.TryWriteBytes(packet.AsSpan(12), out _);
        target.TryWriteBytes(packet.AsSpan(16), out _);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(20), HelloSocket.Port);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(22), HelloSocket.Port);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(24), (ushort)(8 + hello.Length));
        hello.CopyTo(packet, 28);
        return packet;
    }

    public void Dispose()
    {
        stop.Cancel();
        running.Wait();
        stop.Dispose();
    }
}

/// <summary>A pod of a node: a namespace whose packets the node routes.</summary>
internal sealed class PodBehind(TestSpace node) : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("pod-behind-").FullName;
    private TestSpace? pod;

    public async Task Connect()
    {
        pod = new TestSpace(directory, "pod");
        await node.Ip($"link add na0 type veth peer name eth0 netns {pod.File}\nlink set na0 up\naddress add 10.244.1.1/32 dev na0\nroute add 10.244.1.2/32 dev na0\n");
        await pod.Ip("link set lo up\nlink set eth0 up\naddress add 10.244.1.2/32 dev eth0\nroute add 10.244.1.1 dev eth0 scope link\nroute add default via 10.244.1.1\n");
        node.Sysctls("ipv4/ip_forward=1", "ipv4/conf/all/rp_filter=0", "ipv4/conf/na0/rp_filter=0", "ipv4/conf/eth0/rp_filter=0");
    }

    public FalseHellos PretendToBe(string name, IPAddress pretended, params IPAddress[] targets) => new(pod!, name, pretended, targets);

    public void Dispose()
    {
        pod?.Dispose();
        Directory.Delete(directory, recursive: true);
    }
}
