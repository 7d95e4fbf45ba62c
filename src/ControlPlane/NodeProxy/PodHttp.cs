using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using ControlPlane.ApiServer;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.NodeProxy;

/// <summary>Where a proxied request goes: an address, and the node of the pod that has it; without a node it is reached from here.</summary>
internal readonly record struct PodAddress(IPAddress Address, int Port, string? Node);

/// <summary>
/// HTTP to pods for the proxies of pods and Services. Pods are reached through their node's agent, since the control plane
/// has no route to them. Certificates of pods are not checked, as kube-apiserver does not: nobody vouches for them.
/// </summary>
internal sealed class PodHttp(NodeConnection nodes, CancellationToken stopping)
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <exception cref="StatusException">503: it cannot be reached.</exception>
    public async Task Forward(HttpContext http, string scheme, PodAddress to)
    {
        // One connection for each request: kept ones would outlive the right, and the pod.
        using var client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = (_, cancel) => Connect(to, cancel), AllowAutoRedirect = false, UseProxy = false, UseCookies = false,
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
        });
        try
        {
            await RequestForwarding.Forward(http, (message, cancel) =>
            {
                message.RequestUri = new Uri($"{scheme}://{new IPEndPoint(to.Address, to.Port)}{ProxiedPath.Of(http)}");
                return client.SendAsync(message, cancel);
            }, stopping);
        }
        catch (HttpRequestException e) when (!http.Response.HasStarted)
        {
            throw StatusException.ServiceUnavailable($"error trying to reach service: {(e.InnerException ?? e).Message}");
        }
    }

    private async ValueTask<Stream> Connect(PodAddress to, CancellationToken cancel)
    {
        if (to.Node is null) return await Dial(new IPEndPoint(to.Address, to.Port), cancel);
        using var request = new HttpRequestMessage(HttpMethod.Get, (string?)null) { Headers = { { "Connection", "Upgrade" }, { "Upgrade", "tcp" } } };
        var answer = await nodes.Send(to.Node, request, $"/podTunnel/{to.Address}/{to.Port}", cancel);
        if (answer.StatusCode == HttpStatusCode.SwitchingProtocols) return await answer.Content.ReadAsStreamAsync(cancel);
        using (answer) throw new IOException((await answer.Content.ReadAsStringAsync(cancel)).Trim());
    }

    /// <summary>An IPv4 address may also be written as an IPv6 one.</summary>
    internal static bool IsAllowed(IPAddress written)
    {
        var address = written.IsIPv4MappedToIPv6 ? written.MapToIPv4() : written;
        return !(IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) || address.IsIPv6LinkLocal || address.IsIPv6Multicast
            || address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [0, ..] or [169, 254, ..] or [>= 224, ..]);
    }

    /// <summary>Not to this machine's own services, nor to what only it can reach (apimachinery's IsProxyableIP).</summary>
    private static async Task<Stream> Dial(IPEndPoint endpoint, CancellationToken cancel)
    {
        if (!IsAllowed(endpoint.Address)) throw new IOException("address not allowed");
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(ConnectTimeout);
        try
        {
            await socket.ConnectAsync(endpoint, limit.Token);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            cancel.ThrowIfCancellationRequested();
            throw new IOException($"dial tcp {endpoint}: {(e is SocketException error ? DialError.Words(error) : "i/o timeout")}");
        }
    }
}
