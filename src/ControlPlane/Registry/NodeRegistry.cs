using ControlPlane.Registry.Tables;
using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>A node registers itself with its status; its pod range is given once.</summary>
internal sealed class NodeRegistry : KindRegistry<Node>
{
    private const string RolePrefix = "node-role.kubernetes.io/", RoleLabel = "kubernetes.io/role";

    private static readonly string[] TaintEffects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

    public override bool HasStatus => true;

    protected override IReadOnlyList<Subresource> NamedSubresources { get; } = [Subresource.Proxy<NodeProxyOptions>()];

    /// <summary>A node brings its own status when it registers.</summary>
    protected override Node WithInitialStatus(Node node) => node;

    protected override Node WithStatusOf(Node node, Node source) => node with { Status = source.Status };

    protected override void Validate(Node node, FieldErrors errors)
    {
        Taints(node.Spec?.Taints ?? [], errors);
        var ranges = node.Spec?.PodCIDRs ?? [];
        for (var i = 0; i < ranges.Count; i++) errors.Check($"spec.podCIDRs[{i}]", ranges[i], IpAddress.CidrProblem(ranges[i]));
        if (!string.IsNullOrEmpty(node.Spec?.PodCIDR)) errors.Check("spec.podCIDR", node.Spec.PodCIDR, IpAddress.CidrProblem(node.Spec.PodCIDR));
        if (ranges.Count > 0 && !string.IsNullOrEmpty(node.Spec?.PodCIDR) && node.Spec.PodCIDR != ranges[0])
            errors.Invalid("spec.podCIDRs", ranges, "must contain spec.podCIDR as its first entry");
        var addresses = node.Status?.Addresses ?? [];
        for (var i = 0; i < addresses.Count; i++)
            if (addresses.Take(i).Contains(addresses[i])) errors.Duplicate($"status.addresses[{i}]", addresses[i]);
    }

    private static void Taints(IReadOnlyList<Taint> taints, FieldErrors errors)
    {
        for (var i = 0; i < taints.Count; i++)
        {
            var (taint, path) = (taints[i], $"spec.taints[{i}]");
            if (taint.Key.Length == 0) errors.Required($"{path}.key");
            else errors.Check($"{path}.key", taint.Key, Names.QualifiedName(taint.Key));
            if (taint.Value is { } value) errors.Check($"{path}.value", value, Names.LabelValue(value));
            errors.OneOf($"{path}.effect", taint.Effect, TaintEffects);
            if (taints.Take(i).Any(other => other.Key == taint.Key && other.Effect == taint.Effect))
                errors.Duplicate(path, taint);
        }
    }

    protected override void ValidateChange(Node old, Node updated, FieldErrors errors)
    {
        if (old.Spec?.PodCIDRs is { Count: > 0 } ranges && !Same(ranges, updated.Spec?.PodCIDRs ?? []))
            errors.Forbidden("spec", "node updates may not change podCIDR except from \"\" to valid");
        if (!string.IsNullOrEmpty(old.Spec?.ProviderID) && old.Spec.ProviderID != updated.Spec?.ProviderID)
            errors.Forbidden("spec.providerID", "node updates may not change providerID except from \"\" to valid");
    }

    public override IReadOnlyList<string> SelectableFields { get; } = ["spec.unschedulable"];

    protected override string? SelectableField(Node node, string path) =>
        path == "spec.unschedulable" ? node.Spec?.Unschedulable == true ? "true" : "false" : null;

    protected override void ValidateStatus(Node old, Node updated, FieldErrors errors)
    {
        Validate(updated, errors);
        foreach (var (list, amounts) in new[] { ("capacity", updated.Status?.Capacity), ("allocatable", updated.Status?.Allocatable) })
            foreach (var (name, amount) in amounts ?? new Dictionary<string, KubeApi.Quantity>())
                if (amount.CompareTo(default) < 0) errors.Invalid($"status.{list}[{name}]", amount, "must be greater than or equal to 0");
    }

    public override IReadOnlyList<TableColumnDefinition> Columns { get; } =
    [
        Column.Name, Column.Text("Status", "Whether the node is ready."), Column.Text("Roles", "Roles from its labels."), Column.Age,
        Column.Text("Version", "Version of its kubelet."), Column.Wide("Internal-IP", "Address within the cluster."),
        Column.Wide("External-IP", "Address outside the cluster."), Column.Wide("OS-Image", "Operating system."),
        Column.Wide("Kernel-Version", "Kernel."), Column.Wide("Container-Runtime", "Container runtime and version."),
    ];

    protected override IReadOnlyList<object?> Cells(Node node, DateTime now)
    {
        var info = node.Status?.NodeInfo;
        return
        [
            node.Name, State(node), Roles(node), Cell.Age(node, now), info?.KubeletVersion ?? "",
            Address(node, "InternalIP"), Address(node, "ExternalIP"), Cell.OrUnknown(info?.OsImage), Cell.OrUnknown(info?.KernelVersion),
            Cell.OrUnknown(info?.ContainerRuntimeVersion),
        ];
    }

    private static string State(Node node)
    {
        var ready = node.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready");
        var state = ready is null ? "Unknown" : ready.Status == "True" ? "Ready" : "NotReady";
        return node.Spec?.Unschedulable == true ? state + ",SchedulingDisabled" : state;
    }

    private static string Roles(Node node)
    {
        var roles = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in node.Metadata.Labels ?? new Dictionary<string, string>())
        {
            if (key.StartsWith(RolePrefix, StringComparison.Ordinal) && key.Length > RolePrefix.Length) roles.Add(key[RolePrefix.Length..]);
            else if (key == RoleLabel && value.Length > 0) roles.Add(value);
        }
        return Cell.OrNone(string.Join(',', roles));
    }

    private static string Address(Node node, string type) =>
        Cell.OrNone(node.Status?.Addresses?.FirstOrDefault(address => address.Type == type)?.Address);
}
