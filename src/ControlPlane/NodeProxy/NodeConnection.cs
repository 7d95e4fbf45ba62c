using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ControlPlane.ApiServer;
using ControlPlane.Certificates;
using ControlPlane.Store;
using KubeApi;

namespace ControlPlane.NodeProxy;

/// <summary>
/// HTTPS to the agents of nodes, by a client certificate of the API server's own. A node is meant by its name: its address
/// is looked up for each connection, and only the node of that name can answer there (<see cref="NodeCertificate"/>).
/// </summary>
internal sealed class NodeConnection : IDisposable
{
    /// <summary>The only name that agents answer. It has no rights at the API server.</summary>
    public const string ClientName = "kube-apiserver-kubelet-client";

    private readonly ObjectStore store;
    private readonly NodeCertificate expected;
    private readonly ClusterCa authority;
    private volatile X509Certificate2 certificate;
    private readonly HttpMessageInvoker http;

    public NodeConnection(ObjectStore store, ClusterCa authority)
    {
        this.store = store;
        this.authority = authority;
        expected = new NodeCertificate(authority.Certificate);
        certificate = NewCertificate();
        http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = (context, cancel) => Connect(context.DnsEndPoint.Host[..^HostSuffix.Length], cancel),
            ConnectTimeout = TcpConnection.HandshakeTimeout * 2, AllowAutoRedirect = false, UseProxy = false, UseCookies = false,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        });
    }

    /// <summary>
    /// Answers as soon as the head of the answer is there, so that its content can be streamed; an answer 101 has the
    /// upgraded connection as its content.
    /// </summary>
    /// <param name="request">Its URI is replaced.</param>
    /// <param name="pathAndQuery">At the node's port.</param>
    /// <exception cref="NodeUnreachableException">With Go's words for it, as people know them.</exception>
    /// <exception cref="StatusException">404: there is no such node.</exception>
    public async Task<HttpResponseMessage> Send(string node, HttpRequestMessage request, string pathAndQuery, CancellationToken cancel)
    {
        NodeEndpoint.Of(store.Snapshot, node); // known before anything is sent
        // TLS is made by Connect, which knows whom it means; the host only keeps the connections of nodes apart.
        request.RequestUri = new Uri($"http://{node}{HostSuffix}{pathAndQuery}");
        try { return await http.SendAsync(request, cancel); }
        catch (HttpRequestException e) when (e.InnerException is StatusException or NodeUnreachableException)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerException);
            throw;
        }
        catch (HttpRequestException e) { throw new NodeUnreachableException(e.InnerException?.Message ?? e.Message); }
    }

    /// <summary>A GET whose content is streamed, e.g. of a log.</summary>
    /// <inheritdoc cref="Send"/>
    public async Task<HttpResponseMessage> Get(string node, string pathAndQuery, CancellationToken cancel)
    {
        try { return await Send(node, new HttpRequestMessage(HttpMethod.Get, ""), pathAndQuery, cancel); }
        catch (NodeUnreachableException e)
        {
            throw StatusException.Unknown($"Get \"https://{NodeEndpoint.Of(store.Snapshot, node)}{pathAndQuery}\": {e.Message}");
        }
    }

    /// <summary>Takes another certificate for the connections from now on, if it is time; see <see cref="CertificateRenewal.Keep"/>.</summary>
    public X509Certificate2? RenewCertificate() => authority.IsDue(certificate) ? certificate = NewCertificate() : null;

    public void Dispose()
    {
        http.Dispose();
        certificate.Dispose();
    }

    private const string HostSuffix = ".node";

    /// <summary>In memory only.</summary>
    private X509Certificate2 NewCertificate()
    {
        var own = authority.CreateKubeconfig("", ClientName);
        return X509Certificate2.CreateFromPem(own.ClientCertificate, own.ClientKey);
    }

    private async ValueTask<Stream> Connect(string node, CancellationToken cancel)
    {
        var endpoint = NodeEndpoint.Of(store.Snapshot, node);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        SslStream? tls = null;
        try
        {
            var socket = await TcpConnection.Connect(new IPEndPoint(endpoint.Address, endpoint.Port), cancel);
            KeepAlive(socket);
            limit.CancelAfter(TcpConnection.HandshakeTimeout);
            tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = node, ClientCertificates = [certificate], ApplicationProtocols = [SslApplicationProtocol.Http11],
                RemoteCertificateValidationCallback = (_, shown, _, _) => expected.IsOf(node, shown),
            }, limit.Token);
            return tls;
        }
        catch (Exception e)
        {
            if (tls is not null) await tls.DisposeAsync();
            cancel.ThrowIfCancellationRequested();
            throw new NodeUnreachableException(e switch
            {
                SocketException error => $"dial tcp {endpoint}: {DialError.Words(error)}",
                OperationCanceledException => $"dial tcp {endpoint}: i/o timeout",
                AuthenticationException => $"{endpoint} does not show the certificate of node \"{node}\", or refuses the API server's: {e.Message}",
                _ => $"{endpoint}: {e.Message}",
            });
        }
    }

    /// <summary>A node whose plug was pulled is noticed also by a stream on which nothing happens.</summary>
    private static void KeepAlive(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 15);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
    }
}

/// <summary>A node's agent does not answer; the message says why, without saying what was wanted.</summary>
internal sealed class NodeUnreachableException(string message) : Exception(message);
