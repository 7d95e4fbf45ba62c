using ControlPlane.Authentication;

namespace ControlPlane.Certificates;

/// <summary>The signers that Kubernetes has for itself, and what each may put its name under (KEP-1513; "Certificate Signing Requests", Kubernetes signers).</summary>
internal static class Signers
{
    public const string Domain = "kubernetes.io/", ApiServerClient = Domain + "kube-apiserver-client", KubeletClient = Domain + "kube-apiserver-client-kubelet",
        KubeletServing = Domain + "kubelet-serving", LegacyUnknown = Domain + "legacy-unknown";

    public const string DigitalSignature = "digital signature", KeyEncipherment = "key encipherment", ClientAuth = "client auth", ServerAuth = "server auth";

    /// <summary>Those whose certificates this control plane issues.</summary>
    public static IReadOnlyList<string> Served { get; } = [ApiServerClient, KubeletClient, KubeletServing];

    /// <summary>Null, or why the signer may not sign this.</summary>
    public static string? Refusal(string signer, SigningRequest request, IReadOnlyList<string> usages) => signer switch
    {
        KubeletClient => KubeletClientRefusal(request, usages),
        KubeletServing => KubeletServingRefusal(request, usages),
        ApiServerClient => ClientRefusal(request, usages),
        _ => $"signer \"{signer}\" is not one of this control plane's",
    };

    private static string? KubeletClientRefusal(SigningRequest request, IReadOnlyList<string> usages) =>
        NodeRefusal(request)
        ?? (request.DnsNames.Count > 0 ? "DNS subjectAltNames are not allowed" : null) ?? (request.Addresses.Count > 0 ? "IP subjectAltNames are not allowed" : null)
        ?? OtherNamesRefusal(request) ?? UsageRefusal(usages, ClientAuth);

    private static string? KubeletServingRefusal(SigningRequest request, IReadOnlyList<string> usages) =>
        NodeRefusal(request) ?? (request.DnsNames.Count == 0 && request.Addresses.Count == 0 ? "DNS or IP subjectAltName is required" : null)
        ?? OtherNamesRefusal(request) ?? UsageRefusal(usages, ServerAuth);

    private static string? ClientRefusal(SigningRequest request, IReadOnlyList<string> usages) =>
        request.Organizations.Contains(User.Masters) ? "use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed"
        : !usages.Contains(ClientAuth) || usages.Except([DigitalSignature, KeyEncipherment, ClientAuth]).Any() ? "usages did not match: need client auth, and may have digital signature and key encipherment besides"
        : null;

    private static string? NodeRefusal(SigningRequest request) =>
        request.Organizations is not [User.Nodes] ? "subject organization is not system:nodes"
        : !request.CommonName.StartsWith(User.NodePrefix, StringComparison.Ordinal) || request.CommonName.Length == User.NodePrefix.Length ? "subject common name does not begin with system:node:" : null;

    private static string? OtherNamesRefusal(SigningRequest request) =>
        request.OtherNames.FirstOrDefault() is { } name ? $"{name.Split(':')[0]} subjectAltNames are not allowed" : null;

    /// <summary>Key encipherment is for RSA keys and may be there or not.</summary>
    private static string? UsageRefusal(IReadOnlyList<string> usages, string purpose) =>
        usages.Where(usage => usage != KeyEncipherment).ToHashSet().SetEquals([DigitalSignature, purpose]) ? null : "usages did not match";
}
