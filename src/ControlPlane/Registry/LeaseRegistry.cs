using ControlPlane.Registry.Tables;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>Positive durations; the holder stands in the row.</summary>
internal sealed class LeaseRegistry : KindRegistry<Lease>
{
    public override bool InsistsOnRevision => true;

    public override bool CreatesOnUpdate => true;

    protected override void Validate(Lease lease, FieldErrors errors)
    {
        if (lease.Spec is not { } spec) return;
        if (spec.LeaseDurationSeconds is <= 0) errors.Invalid("spec.leaseDurationSeconds", spec.LeaseDurationSeconds, "must be greater than 0");
        if (spec.LeaseTransitions is < 0) errors.Invalid("spec.leaseTransitions", spec.LeaseTransitions, "must be greater than or equal to 0");
    }

    public override IReadOnlyList<TableColumnDefinition> Columns { get; } =
        [Column.Name, Column.Text("Holder", "Who holds the lease."), Column.Age];

    protected override IReadOnlyList<object?> Cells(Lease lease, DateTime now) =>
        [lease.Name, lease.Spec?.HolderIdentity ?? "", Cell.Age(lease, now)];
}
