using ControlPlane.Registry.Tables;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>An identity without rules of its own.</summary>
internal sealed class ServiceAccountRegistry : KindRegistry<ServiceAccount>
{
    protected override IReadOnlyList<Subresource> NamedSubresources { get; } = [Subresource.Posted<TokenRequest>("token")];

    protected override void Validate(ServiceAccount account, FieldErrors errors) { }

    protected override IEnumerable<string> Warnings(ServiceAccount account) =>
        account.ImagePullSecrets is { Count: > 0 } ? ["imagePullSecrets: stored, but this version uses local images only"] : [];

    public override IReadOnlyList<TableColumnDefinition> Columns { get; } =
        [Column.Name, Column.Number("Secrets", "Number of secrets."), Column.Age];

    protected override IReadOnlyList<object?> Cells(ServiceAccount account, DateTime now) =>
        [account.Name, account.Secrets?.Count ?? 0, Cell.Age(account, now)];
}
