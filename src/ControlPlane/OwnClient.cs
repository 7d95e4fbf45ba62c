using System.Security.Cryptography.X509Certificates;
using ControlPlane.Certificates;
using KubeApi;

namespace ControlPlane;

/// <summary>A part of the control plane as a client of the API server, over the same HTTPS as everyone's, by a certificate that is in memory only and can be replaced.</summary>
internal sealed class OwnClient : IDisposable
{
    private readonly Func<Kubeconfig> issue;
    private readonly RenewableHandler handler;
    private X509Certificate2 certificate;

    /// <param name="server">URL of the API server.</param>
    /// <param name="user">The part's user; its last word is the user agent.</param>
    public OwnClient(ClusterCa authority, string server, string user, params string[] groups)
    {
        issue = () => authority.CreateKubeconfig(server, user, groups);
        var first = issue();
        certificate = X509Certificate2.CreateFromPem(first.ClientCertificate);
        handler = new RenewableHandler(first.CreateHandler());
        Api = new ApiClient(new Uri(server), handler, user.Split(':')[^1]);
    }

    public ApiClient Api { get; }

    /// <summary>See <see cref="CertificateRenewal.Keep"/>; watches that are open go on.</summary>
    public X509Certificate2? RenewIfDue(ClusterCa authority)
    {
        if (!authority.IsDue(certificate)) return null;
        var next = issue();
        handler.Renew(next.CreateHandler());
        return certificate = X509Certificate2.CreateFromPem(next.ClientCertificate);
    }

    public void Dispose() => Api.Dispose();
}
