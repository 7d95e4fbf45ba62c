using System.Globalization;
using System.Net;
using System.Net.Sockets;
using KubeApi;
using KubeApi.Objects;
using Microsoft.AspNetCore.Http.Features;
using NodeAgent.Server;

namespace NodeAgent.Streams;

/// <summary>
/// <c>/podTunnel/ADDRESS/PORT</c>: a TCP connection to a pod of this node as an upgraded connection (<c>Upgrade: tcp</c>). The API
/// server has no route to pods; this is how its proxies reach them. Addresses that are no pod's of this node are refused.
/// </summary>
internal sealed class PodTunnel(Kubelet.Kubelet kubelet, Informer<Pod> pods)
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    public async Task Open(NodeRequest request)
    {
        if (request.Http.Request.Headers.Upgrade != "tcp" || request.Http.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade)
            throw new NodeRequestException(400, "unable to upgrade: Upgrade: tcp expected");
        using var socket = await Connect(Endpoint(request), request.Aborted);
        request.Http.Response.Headers.Connection = "Upgrade";
        request.Http.Response.Headers.Upgrade = "tcp";
        await using var client = await upgrade.UpgradeAsync();
        await using var pod = new NetworkStream(socket);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted);
        var copies = new[] { Copy(client, pod, ending.Token), Copy(pod, client, ending.Token) };
        await Task.WhenAny(copies);
        await ending.CancelAsync();
        await Task.WhenAll(copies);
    }

    private IPEndPoint Endpoint(NodeRequest request)
    {
        var text = request.Path("address")!;
        if (!IPAddress.TryParse(text, out var address) || !ushort.TryParse(request.Path("port"), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
            throw new NodeRequestException(400, "no address and port");
        if (!kubelet.At(address.ToString()).Any() && !pods.Items.Any(pod => pod.Spec?.HostNetwork == true && pod.Status?.PodIP == address.ToString()))
            throw new NodeRequestException(404, $"no pod of this node has the address {address}");
        return new IPEndPoint(address, port);
    }

    private static async Task<Socket> Connect(IPEndPoint endpoint, CancellationToken cancel)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(ConnectTimeout);
        try
        {
            await socket.ConnectAsync(endpoint, limit.Token);
            return socket;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            throw new NodeRequestException(502, $"dial tcp {endpoint}: {(e is SocketException { SocketErrorCode: SocketError.ConnectionRefused } ? "connect: connection refused" : e is SocketException ? e.Message : "i/o timeout")}");
        }
    }

    private static async Task Copy(Stream from, Stream to, CancellationToken cancel)
    {
        try { await ByteFlow.FromStream(from, piece => to.WriteAsync(piece, cancel), cancel); }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException) { }
    }
}
