using ControlPlane.Registry.Tables;
using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>
/// A namespace's spec.finalizers are the server's: set on create, kept on update, taken away through the finalize
/// subresource only. The label kubernetes.io/metadata.name always says its name.
/// </summary>
internal sealed class NamespaceRegistry : KindRegistry<Namespace>
{
    private const string NameLabel = "kubernetes.io/metadata.name";

    /// <summary>One at a time: nobody empties a cluster with one request.</summary>
    public override IReadOnlyList<string> Verbs { get; } = ["create", "delete", "get", "list", "patch", "update", "watch"];

    public override bool HasStatus => true;

    protected override IReadOnlyList<Subresource> NamedSubresources { get; } = [new("finalize", KubeApi.Resource.Of<Namespace>(), "update")];

    protected override Func<string, string?> NameRule => Names.Dns1123Label;

    protected override Namespace Default(Namespace ns)
    {
        if (ns.Name.Length == 0 || ns.Metadata.Labels?.GetValueOrDefault(NameLabel) == ns.Name) return ns;
        var labels = new Dictionary<string, string>(ns.Metadata.Labels ?? new Dictionary<string, string>()) { [NameLabel] = ns.Name };
        return ns with { Metadata = ns.Metadata with { Labels = labels } };
    }

    protected override Namespace WithInitialStatus(Namespace ns)
    {
        var finalizers = ns.Spec?.Finalizers ?? [];
        return ns with
        {
            Spec = new NamespaceSpec { Finalizers = finalizers.Contains("kubernetes") ? finalizers : [.. finalizers, "kubernetes"] },
            Status = new NamespaceStatus { Phase = "Active" },
        };
    }

    protected override Namespace WithStatusOf(Namespace ns, Namespace source) => ns with { Status = source.Status };

    protected override Namespace CarryOver(Namespace old, Namespace updated) => updated with { Spec = old.Spec };

    protected override void Validate(Namespace ns, FieldErrors errors)
    {
        var finalizers = ns.Spec?.Finalizers ?? [];
        for (var i = 0; i < finalizers.Count; i++)
            errors.Check($"spec.finalizers[{i}]", finalizers[i], Names.QualifiedName(finalizers[i]));
    }

    public override IReadOnlyList<string> SelectableFields { get; } = ["status.phase"];

    protected override string? SelectableField(Namespace ns, string path) => path == "status.phase" ? ns.Status?.Phase : null;

    protected override void ValidateStatus(Namespace old, Namespace updated, FieldErrors errors) => StatusValidation.Namespace(updated, errors);

    public override IReadOnlyList<TableColumnDefinition> Columns { get; } =
        [Column.Name, Column.Text("Status", "Active or Terminating."), Column.Age];

    protected override IReadOnlyList<object?> Cells(Namespace ns, DateTime now) => [ns.Name, ns.Status?.Phase ?? "", Cell.Age(ns, now)];
}
