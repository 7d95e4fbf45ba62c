using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using KubeApi;
using KubeApi.Objects;

namespace NodeAgent.Joining;

/// <summary>
/// Makes this machine a node: is it the right cluster, does the token hold, is the name free; then a certificate is asked for
/// with the token, and written. Everything is looked at before anything is written, and the one file comes last.
/// </summary>
internal sealed class Joiner(JoinOptions options)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <returns>False: it has joined this cluster under this name before.</returns>
    /// <exception cref="JoinException">It cannot; nothing was made.</exception>
    public async Task<bool> Join(CancellationToken cancel)
    {
        var existing = NodeIdentityFile.TryRead(options.Kubeconfig);
        var authority = await ClusterDiscovery.FindAuthority(options.Server, options.Pins, cancel);
        if (existing is not null && IsThis(existing, authority)) return false;
        NodeIdentityFile.RequireWritable(options.Kubeconfig);
        using var client = new ApiClient(options.Server, Handler(authority), "nodeagent-join");
        try
        {
            await RequireFreeName(client, cancel);
            var issued = await new CertificateRequester(client, options.NodeName).Client(Patience, cancel);
            NodeIdentityFile.Write(options.Kubeconfig, new Kubeconfig(options.Server.GetLeftPart(UriPartial.Authority), authority, issued.Certificate, issued.Key), options.NodeName);
            return true;
        }
        catch (ApiException e) when (e.Code == 401)
        {
            throw new JoinException("the cluster does not know the token: it has expired, was revoked, or is of another cluster. 'controlplane token create --print-join-command' on the control plane makes a new one", e);
        }
        catch (ApiException e) { throw new JoinException($"the cluster refuses: {e.Message}", e); }
        catch (HttpRequestException e) { throw new JoinException($"the control plane at {options.Server.Authority} does not answer any more: {e.Message}", e); }
    }

    /// <exception cref="JoinException">The machine is a node of another cluster, or of another name.</exception>
    private bool IsThis(Kubeconfig existing, string authority)
    {
        using var certificate = X509Certificate2.CreateFromPem(existing.ClientCertificate);
        if (certificate.NotAfter < DateTime.Now) return false; // nobody takes it any more
        var name = NodeIdentityFile.NodeName(existing);
        using var known = X509Certificate2.CreateFromPem(existing.CertificateAuthority);
        using var found = X509Certificate2.CreateFromPem(authority);
        var same = known.Thumbprint == found.Thumbprint;
        if (same && name == options.NodeName) return true;
        throw new JoinException($"this machine has joined already, as node \"{name}\" of {(same ? "this cluster" : $"another cluster ({existing.Server})")} ({options.Kubeconfig}): 'nodeagent reset' first");
    }

    /// <summary>The cluster looks again when it approves; here it can be told more plainly, and before a key is made.</summary>
    private async Task RequireFreeName(ApiClient client, CancellationToken cancel)
    {
        if (await client.Find<Node>("", options.NodeName, cancel) is not { } node || node.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready")?.Status != "True") return;
        throw new JoinException($"the cluster has a node \"{options.NodeName}\", which is alive at {node.Status.Addresses?.FirstOrDefault(address => address.Type == "InternalIP")?.Address}: "
            + $"give this machine another name (--node-name); or, if it is this machine, stop its agent and 'kubectl delete node {options.NodeName}' first");
    }

    private SocketsHttpHandlerWithToken Handler(string authority) => new(options.Token, authority);

    /// <summary>Trusts the cluster's CA and nothing else, and shows the token.</summary>
    private sealed class SocketsHttpHandlerWithToken(string token, string authority) : DelegatingHandler(new SocketsHttpHandler
    {
        ConnectCallback = TcpConnection.Connect, ConnectTimeout = TcpConnection.HandshakeTimeout, AllowAutoRedirect = false, UseProxy = false,
        SslOptions = { CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { X509Certificate2.CreateFromPem(authority) } } },
    })
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
