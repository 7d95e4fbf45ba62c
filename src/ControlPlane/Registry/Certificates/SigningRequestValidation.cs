using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ControlPlane.Certificates;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Registry.Certificates;

/// <summary>What a CertificateSigningRequest must be like, and what may become of it (pkg/apis/certificates/validation).</summary>
internal static class SigningRequestValidation
{
    private const int FewestSeconds = 600;

    private static readonly string[] Usages =
    [
        "signing", "digital signature", "content commitment", "key encipherment", "key agreement", "data encipherment", "cert sign", "crl sign", "encipher only", "decipher only",
        "any", "server auth", "client auth", "code signing", "email protection", "s/mime", "ipsec end system", "ipsec tunnel", "ipsec user", "timestamping", "ocsp signing",
        "microsoft sgc", "netscape sgc",
    ];

    /// <summary>Conditions that are never taken back.</summary>
    private static readonly string[] Final = ["Approved", "Denied", "Failed"];

    public static void Spec(CertificateSigningRequestSpec spec, FieldErrors errors)
    {
        try { SigningRequest.Parse(spec.Request); }
        catch (FormatException e) { errors.Invalid("spec.request", Convert.ToBase64String(spec.Request), e.Message); }
        var usages = spec.Usages ?? [];
        if (usages.Count == 0) errors.Required("spec.usages");
        for (var i = 0; i < usages.Count; i++)
        {
            if (!Usages.Contains(usages[i])) errors.NotSupported($"spec.usages[{i}]", usages[i], Usages);
            if (usages.Take(i).Contains(usages[i])) errors.Duplicate($"spec.usages[{i}]", usages[i]);
        }
        if (spec.SignerName == Signers.LegacyUnknown) errors.Invalid("spec.signerName", spec.SignerName, "the legacy signerName is not allowed via this API version");
        else SignerName(spec.SignerName, errors);
        if (spec.ExpirationSeconds < FewestSeconds) errors.Invalid("spec.expirationSeconds", spec.ExpirationSeconds, "may not specify a duration less than 600 seconds (10 minutes)");
    }

    /// <summary>A domain with a dot in it, a slash, and a path.</summary>
    private static void SignerName(string name, FieldErrors errors)
    {
        if (name.Length == 0)
        {
            errors.Required("spec.signerName");
            return;
        }
        var (domain, path) = name.Split('/', 2) is [var before, var after] ? (before, after) : ("", "");
        if (path.Length == 0) errors.Invalid("spec.signerName", name, "must be a fully qualified domain and path of the form 'example.com/signer-name'");
        else if (Validation.Names.Dns1123Subdomain(domain) is { } problem) errors.Invalid("spec.signerName", domain, problem);
        else if (!domain.Contains('.')) errors.Invalid("spec.signerName", domain, "should be a domain with at least two segments separated by dots");
        else if (path.Split('/').Select(Validation.Names.Dns1123Subdomain).FirstOrDefault(wrong => wrong is not null) is { } wrong) errors.Invalid("spec.signerName", path, wrong);
    }

    public static void Conditions(IReadOnlyList<CertificateSigningRequestCondition> conditions, FieldErrors errors)
    {
        for (var i = 0; i < conditions.Count; i++)
        {
            var (condition, path) = (conditions[i], $"status.conditions[{i}]");
            if (condition.Type.Length == 0) errors.Required($"{path}.type");
            errors.OneOf($"{path}.status", condition.Status, Final.Contains(condition.Type) ? ["True"] : ["True", "False", "Unknown"]);
            var before = conditions.Take(i).Select(other => other.Type).ToList();
            if (condition.Type is "Approved" && before.Contains("Denied") || condition.Type is "Denied" && before.Contains("Approved"))
                errors.Invalid($"{path}.type", condition.Type, "Approved and Denied conditions are mutually exclusive");
            if (before.Contains(condition.Type)) errors.Duplicate($"{path}.type", condition.Type);
        }
    }

    /// <summary>What the signer writes: the certificate, once, and conditions; approval is not its business.</summary>
    public static void StatusChange(CertificateSigningRequest old, CertificateSigningRequest updated, FieldErrors errors)
    {
        Conditions(updated.Status?.Conditions ?? [], errors);
        NothingTakenBack(old, updated, errors);
        foreach (var type in new[] { "Approved", "Denied" })
        {
            var (before, after) = (Of(old, type), Of(updated, type));
            if (before is null && after is not null) errors.Forbidden("status.conditions", $"updates may not add a condition of type \"{type}\"");
            else if (before is not null && after is not null && before != after) errors.Forbidden("status.conditions", $"updates may not modify a condition of type \"{type}\"");
        }
        var (was, now) = (old.Status?.Certificate ?? [], updated.Status?.Certificate ?? []);
        if (was.AsSpan().SequenceEqual(now)) return;
        if (was.Length > 0) errors.Forbidden("status.certificate", "updates may not modify existing certificate content");
        if (CertificateProblem(now) is { } problem) errors.Invalid("status.certificate", "<certificate data>", problem);
    }

    /// <summary>What the approver writes: conditions and nothing else.</summary>
    public static void ApprovalChange(CertificateSigningRequest old, CertificateSigningRequest updated, FieldErrors errors)
    {
        Conditions(updated.Status?.Conditions ?? [], errors);
        NothingTakenBack(old, updated, errors);
    }

    private static void NothingTakenBack(CertificateSigningRequest old, CertificateSigningRequest updated, FieldErrors errors)
    {
        foreach (var type in Final)
            if (Of(old, type) is not null && Of(updated, type) is null) errors.Forbidden("status.conditions", $"updates may not remove a condition of type \"{type}\"");
    }

    private static CertificateSigningRequestCondition? Of(CertificateSigningRequest request, string type) => request.Status?.Conditions?.FirstOrDefault(condition => condition.Type == type);

    private static string? CertificateProblem(byte[] pem)
    {
        var rest = Encoding.ASCII.GetString(pem).AsSpan();
        var blocks = 0;
        while (PemEncoding.TryFind(rest, out var fields))
        {
            if (rest[fields.Label] is not "CERTIFICATE") return $"only CERTIFICATE PEM blocks are allowed, found \"{rest[fields.Label]}\"";
            try { X509CertificateLoader.LoadCertificate(Convert.FromBase64String(rest[fields.Base64Data].ToString())).Dispose(); }
            catch (Exception e) when (e is CryptographicException or FormatException) { return e.Message; }
            rest = rest[fields.Location.End..];
            blocks++;
        }
        return blocks == 0 ? "must contain at least one CERTIFICATE PEM block" : null;
    }
}
