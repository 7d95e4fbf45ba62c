using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ServiceMatrix;

namespace KernelTests.ServiceProxy.Matrix;

/// <summary>Segments that conntrack takes for none of the connection's.</summary>
public abstract partial class MatrixTests
{
    private const int Tcp = 6;

    /// <summary>
    /// A late segment of an endpoint is not translated back. If it reached the client from the endpoint's own address, the client would reset
    /// a connection that it does not know, and so the endpoint its own, which is alive.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_stray_segment_of_an_endpoint_does_not_reach_the_client(int endpointNode)
    {
        const int port = 9701, other = 9702;
        var (server, clientPod) = (Server.Pod(endpointNode), fixture.World.ClientPod(1));
        var extra = new ExtraService(9);
        var (service, slice) = (extra.ToObject(), extra.ToSlice(port, server));
        await Put(service, slice);
        using var listener = TestClient.Open(fixture.World.SpaceOf(server), ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Any, port));
        listener.Listen();
        using var client = TestClient.Open(clientPod, ProtocolType.Tcp);
        using var patience = new CancellationTokenSource(Patience);
        await client.ConnectAsync(IPAddress.Parse(extra.ClusterIP), 80, patience.Token);
        using var accepted = await listener.AcceptAsync(patience.Token);
        var (from, to) = (IPAddress.Parse(server.Address), (IPEndPoint)accepted.RemoteEndPoint!);

        var seen = new ConcurrentBag<int>();
        await using var receiver = new RawSocket(clientPod, Tcp, null, (_, sender, bytes) =>
        {
            if (sender.Equals(from)) seen.Add(BinaryPrimitives.ReadUInt16BigEndian(bytes));
        });
        await using var sender = new RawSocket(fixture.World.SpaceOf(server), Tcp, null, (_, _, _) => { });
        sender.Send(to.Address, Segment(from, port, to));
        sender.Send(to.Address, Segment(from, other, to)); // of no connection: goes where it is sent, and behind the first
        for (var i = 0; i < 500 && !seen.Contains(other); i++) await Task.Delay(20);
        Assert.Equal([other], seen.Distinct());

        await accepted.SendAsync(new byte[] { 7 }, SocketFlags.None, patience.Token);
        var got = new byte[1];
        Assert.Equal(1, await client.ReceiveAsync(got, SocketFlags.None, patience.Token));
        await Remove(service, slice);
    }

    /// <summary>An acknowledgement without data, with a sequence number that is far from any window, as near as random ones are.</summary>
    private static byte[] Segment(IPAddress source, int port, IPEndPoint to)
    {
        var bytes = new byte[20];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)port);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)to.Port);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), 0x12345678);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(8), 0x12345678);
        (bytes[12], bytes[13], bytes[14]) = (5 << 4, 0x10, 0x40); // five words, ACK, a window
        byte[] summed = [.. source.GetAddressBytes(), .. to.Address.GetAddressBytes(), 0, Tcp, 0, (byte)bytes.Length, .. bytes];
        uint sum = 0;
        for (var i = 0; i < summed.Length; i += 2) sum += BinaryPrimitives.ReadUInt16BigEndian(summed.AsSpan(i));
        while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(16), (ushort)~sum);
        return bytes;
    }
}
