using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ControlPlane.Joining;

/// <summary>The line that makes a machine a node, in kubeadm's manner.</summary>
internal static class JoinCommandLine
{
    /// <param name="server">https://ADDRESS:PORT</param>
    public static string Of(string server, JoinToken token, X509Certificate2 authority) => $"nodeagent join {server} --token {token} --discovery-token-ca-cert-hash {Pin(authority)}";

    /// <summary>Hash of the CA's public key (SubjectPublicKeyInfo; RFC 7469): the same as long as the key is.</summary>
    public static string Pin(X509Certificate2 authority) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(authority.PublicKey.ExportSubjectPublicKeyInfo()));
}
