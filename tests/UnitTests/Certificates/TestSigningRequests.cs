using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KubeApi;
using KubeApi.Objects;

namespace UnitTests.Certificates;

/// <summary>Requests for certificates, signed by keys of their own.</summary>
internal static class TestSigningRequests
{
    public const string KubeletClient = "kubernetes.io/kube-apiserver-client-kubelet", KubeletServing = "kubernetes.io/kubelet-serving";

    public static string OfNode(string node, params IPAddress[] addresses) => Pem($"O=system:nodes, CN=system:node:{node}", names =>
    {
        foreach (var address in addresses) names.AddIpAddress(address);
    });

    public static string Pem(string subject, Action<SubjectAlternativeNameBuilder>? name = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        name?.Invoke(names);
        var extension = names.Build();
        if (extension.RawData.Length > 2) request.CertificateExtensions.Add(extension); // more than an empty sequence
        return request.CreateSigningRequestPem();
    }

    public static CertificateSigningRequest Object(string name, string pem, string signer = KubeletClient, params string[] usages) => new()
    {
        Metadata = new ObjectMeta { Name = name },
        Spec = new CertificateSigningRequestSpec
        {
            Request = Encoding.ASCII.GetBytes(pem), SignerName = signer,
            Usages = usages.Length > 0 ? usages : ["digital signature", signer == KubeletServing ? "server auth" : "client auth"],
        },
    };

    public static string Json(string name, string pem, string signer = KubeletClient, params string[] usages) => Encoding.UTF8.GetString(KubeJson.Serialize(Object(name, pem, signer, usages)));
}
