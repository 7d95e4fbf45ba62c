using ControlPlane.Certificates;
using ControlPlane.Registry.Certificates;
using ControlPlane.Registry.Tables;
using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>A request that cannot be changed; who approves it, and who signs it, write one part of its status each.</summary>
internal sealed class CertificateSigningRequestRegistry : KindRegistry<CertificateSigningRequest>
{
    public const string Approval = "approval";

    public override bool HasStatus => true;

    protected override IReadOnlyList<Subresource> NamedSubresources { get; } = [Subresource.Part<CertificateSigningRequest>(Approval)];

    /// <summary>Kubernetes does not care what a request is called.</summary>
    protected override Func<string, string?> NameRule => Names.PathSegment;

    protected override CertificateSigningRequest WithInitialStatus(CertificateSigningRequest request) => request with { Status = null };

    protected override CertificateSigningRequest CarryOver(CertificateSigningRequest old, CertificateSigningRequest updated) => updated with { Spec = old.Spec };

    /// <summary>The other's status; times that it leaves out are filled in.</summary>
    protected override CertificateSigningRequest WithStatusOf(CertificateSigningRequest request, CertificateSigningRequest source)
    {
        if (source.Status?.Conditions is not { } conditions) return request with { Status = source.Status };
        var now = DateTime.UtcNow;
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond)); // as it is on the wire: what comes back must be the same
        return request with
        {
            Status = source.Status with
            {
                Conditions = conditions.Select(condition => condition with
                {
                    LastUpdateTime = condition.LastUpdateTime ?? now,
                    LastTransitionTime = condition.LastTransitionTime
                        ?? request.Status?.Conditions?.FirstOrDefault(old => old.Type == condition.Type && old.Status == condition.Status)?.LastTransitionTime ?? now,
                }).ToList(),
            },
        };
    }

    protected override void Validate(CertificateSigningRequest request, FieldErrors errors)
    {
        SigningRequestValidation.Spec(request.Spec, errors);
        SigningRequestValidation.Conditions(request.Status?.Conditions ?? [], errors);
    }

    protected override void ValidateStatus(CertificateSigningRequest old, CertificateSigningRequest updated, FieldErrors errors) =>
        SigningRequestValidation.StatusChange(old, updated, errors);

    public override IReadOnlyList<string> SelectableFields { get; } = ["spec.signerName"];

    protected override string? SelectableField(CertificateSigningRequest request, string path) => path == "spec.signerName" ? request.Spec.SignerName : null;

    public override IReadOnlyList<TableColumnDefinition> Columns { get; } =
    [
        Column.Name, Column.Age, Column.Text("SignerName", "Who is to sign."), Column.Text("Requestor", "Who asked."),
        Column.Text("RequestedDuration", "How long the certificate shall be valid."), Column.Text("Condition", "What has become of it."),
    ];

    protected override IReadOnlyList<object?> Cells(CertificateSigningRequest request, DateTime now) =>
    [
        request.Name, Cell.Age(request, now), request.Spec.SignerName, request.Spec.Username ?? "",
        request.Spec.ExpirationSeconds is { } seconds ? HumanDuration.Format(TimeSpan.FromSeconds(seconds)) : Cell.None, State(request),
    ];

    private static string State(CertificateSigningRequest request) =>
        (request.Has("Denied") ? "Denied" : request.Has("Approved") ? "Approved" : "Pending")
        + (request.Has("Failed") ? ",Failed" : "") + (request.Status?.Certificate is { Length: > 0 } ? ",Issued" : "");
}

/// <summary>What has become of a request.</summary>
internal static class SigningRequestState
{
    /// <summary>It has a condition of this type.</summary>
    public static bool Has(this CertificateSigningRequest request, string condition) => request.Status?.Conditions?.Any(has => has.Type == condition) == true;
}
