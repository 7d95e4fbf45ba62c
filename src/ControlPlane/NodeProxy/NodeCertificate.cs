using System.Security.Cryptography.X509Certificates;
using ControlPlane.Authentication;

namespace ControlPlane.NodeProxy;

/// <summary>
/// Whether a certificate is that of one node: signed by the cluster's CA, common name <c>system:node:NAME</c>, group
/// system:nodes. The name counts and not the address, so that addresses may change and no node can pose as another. Uses
/// (server, client) are not asked for: that name is the node's alone, and identities from before nodes had servers lack the one.
/// </summary>
internal sealed class NodeCertificate(X509Certificate2 authority)
{
    private const string Organization = "2.5.4.10";

    public bool IsOf(string node, X509Certificate? shown)
    {
        if (shown is not X509Certificate2 certificate) return false;
        using var chain = new X509Chain
        {
            ChainPolicy =
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
            },
        };
        return chain.Build(certificate) && certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false) == User.NodePrefix + node
            && certificate.SubjectName.EnumerateRelativeDistinguishedNames()
                .Any(name => !name.HasMultipleElements && name.GetSingleElementType().Value == Organization && name.GetSingleElementValue() == User.Nodes);
    }
}
