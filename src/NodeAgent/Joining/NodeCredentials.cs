using System.Security.Cryptography.X509Certificates;
using KubeApi;
using NodeAgent.Server;

namespace NodeAgent.Joining;

/// <summary>What the running agent shows of itself: to the API server as its client, to it at the node's own port as a server. Both can be replaced while in use.</summary>
/// <param name="file">The kubeconfig's; the serving certificate lies beside it.</param>
internal sealed class NodeCredentials(string file, Kubeconfig kubeconfig)
{
    private Kubeconfig current = kubeconfig;

    public RenewableHandler Handler { get; } = new(kubeconfig.CreateHandler());

    /// <summary>Whom the node's port answers, and by which certificate: the client's until there is one of its own.</summary>
    public ServerAccess Access { get; } = ServingCertificateFile.TryRead(ServingCertificateFile.Beside(file)) is { } kept && Fits(kept, kubeconfig) ? new(kubeconfig, kept) : new(kubeconfig);

    public string ClientCertificate => current.ClientCertificate;

    /// <summary>Null where the node has none of its own.</summary>
    public string? ServingCertificate { get; private set; } = ServingCertificateFile.TryRead(ServingCertificateFile.Beside(file)) is { } kept && Fits(kept, kubeconfig) ? kept.Certificate : null;

    /// <summary>On disk first: whoever starts after this process finds it.</summary>
    /// <exception cref="IOException">It cannot be written; the old one stays in use.</exception>
    public void RenewClient(IssuedCertificate issued, string node)
    {
        var renewed = current with { ClientCertificate = issued.Certificate, ClientKey = issued.Key };
        NodeIdentityFile.Write(file, renewed, node);
        current = renewed;
        Handler.Renew(renewed.CreateHandler());
    }

    /// <inheritdoc cref="RenewClient"/>
    public void RenewServing(IssuedCertificate issued)
    {
        ServingCertificateFile.Write(ServingCertificateFile.Beside(file), issued);
        ServingCertificate = issued.Certificate;
        Access.Show(issued.Certificate, issued.Key);
    }

    /// <summary>Of the same cluster and node: the file may be left from a cluster before.</summary>
    private static bool Fits(IssuedCertificate serving, Kubeconfig kubeconfig)
    {
        using var certificate = X509Certificate2.CreateFromPem(serving.Certificate);
        using var client = X509Certificate2.CreateFromPem(kubeconfig.ClientCertificate);
        using var chain = new X509Chain
        {
            ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { X509Certificate2.CreateFromPem(kubeconfig.CertificateAuthority) } },
        };
        return chain.Build(certificate) && certificate.Subject == client.Subject;
    }
}
