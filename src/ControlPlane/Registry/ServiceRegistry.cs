using ControlPlane.Controllers.Programmed;
using ControlPlane.Registry.Services;
using ControlPlane.Registry.Tables;
using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>The rules are in Services/; addresses come from <see cref="ServiceAddresses"/>.</summary>
internal sealed class ServiceRegistry : KindRegistry<Service>
{
    public override bool CreatesOnUpdate => true;

    private static readonly UnbuiltField<ServiceSpec>[] UnbuiltFields =
    [
        new("ipFamilyPolicy", spec => spec.IpFamilyPolicy is "PreferDualStack" ? spec.IpFamilyPolicy : null, "has IPv4 only"),
    ];

    public override bool HasStatus => true;

    protected override IReadOnlyList<Subresource> NamedSubresources { get; } = [Subresource.Proxy<ServiceProxyOptions>()];

    protected override Func<string, string?> NameRule => Names.Dns1035Label;

    protected override Service Default(Service service) => ServiceDefaults.Apply(service);

    protected override Service WithInitialStatus(Service service) => service with { Status = new ServiceStatus { LoadBalancer = new LoadBalancerStatus() } };

    protected override object? Generated(Service service) => service.Spec;

    /// <summary>A Service that is no load balancer keeps no load balancer's addresses.</summary>
    protected override Service WithStatusOf(Service service, Service source) => service with
    {
        Status = source.Status is null ? null : source.Status with
        {
            LoadBalancer = service.Spec?.Type == "LoadBalancer" ? ServiceDefaults.Apply(source.Status.LoadBalancer) : new LoadBalancerStatus(),
        },
    };

    protected override Service CarryOver(Service old, Service updated)
    {
        var prepared = updated with { Spec = ServiceUpdate.Prepare(old.Spec ?? new ServiceSpec(), updated.Spec ?? new ServiceSpec()) };
        return Same(old.Spec, prepared.Spec) ? prepared : WithoutProgrammed(prepared);
    }

    /// <summary>No node holds the new spec yet: who waits for the condition must not be answered by what was true of the old one.</summary>
    private static Service WithoutProgrammed(Service service) => ProgrammedCondition.Of(service) is null ? service : service with
    {
        Status = service.Status! with { Conditions = [.. service.Status.Conditions!.Where(condition => condition.Type != ProgrammedCondition.Type)] },
    };

    protected override void Validate(Service service, FieldErrors errors) => ServiceValidation.Validate(service, errors);

    protected override void ValidateChange(Service old, Service updated, FieldErrors errors) =>
        ServiceValidation.ValidateChange(old.Spec ?? new ServiceSpec(), updated.Spec ?? new ServiceSpec(), errors);

    protected override IEnumerable<string> Warnings(Service service) =>
    [
        .. service.Spec is { ClusterIP: "None", SessionAffinity: "ClientIP" } ? ["spec.SessionAffinity is ignored for headless services"] : Array.Empty<string>(),
        .. UnbuiltField<ServiceSpec>.Warnings(UnbuiltFields, service.Spec, "spec."),
    ];

    public override IReadOnlyList<string> SelectableFields { get; } = ["spec.clusterIP", "spec.type"];

    protected override string? SelectableField(Service service, string path) => path switch
    {
        "spec.clusterIP" => service.Spec?.ClusterIP ?? "",
        "spec.type" => service.Spec?.Type ?? "",
        _ => null,
    };

    protected override void ValidateStatus(Service old, Service updated, FieldErrors errors) => StatusValidation.LoadBalancer(updated.Status?.LoadBalancer, updated.Spec?.Type, errors);

    public override IReadOnlyList<TableColumnDefinition> Columns { get; } =
    [
        Column.Name, Column.Text("Type", "How the Service is reached."), Column.Text("Cluster-IP", "Its address within the cluster."),
        Column.Text("External-IP", "Its addresses outside the cluster."), Column.Text("Port(s)", "Ports, with node ports."), Column.Age,
        Column.Wide("Selector", "Labels of its pods."),
    ];

    protected override IReadOnlyList<object?> Cells(Service service, DateTime now)
    {
        var spec = service.Spec ?? new ServiceSpec();
        return
        [
            service.Name, spec.Type ?? "", Cell.OrNone(spec.ClusterIPs is [var first, ..] ? first : spec.ClusterIP), ExternalAddresses(service, spec),
            Cell.OrNone(string.Join(',', (spec.Ports ?? []).Select(Port))), Cell.Age(service, now), Cell.Labels(spec.Selector),
        ];
    }

    private static string ExternalAddresses(Service service, ServiceSpec spec)
    {
        if (spec.Type == "ExternalName") return spec.ExternalName ?? "";
        if (spec.Type != "LoadBalancer") return Cell.OrNone(string.Join(',', spec.ExternalIPs ?? []));
        var addresses = (service.Status?.LoadBalancer?.Ingress ?? []).Select(ingress => ingress.Ip is { Length: > 0 } ip ? ip : ingress.Hostname ?? "")
            .Order(StringComparer.Ordinal).Concat(spec.ExternalIPs ?? []).ToList();
        return addresses.Count > 0 ? string.Join(',', addresses) : "<pending>";
    }

    private static string Port(ServicePort port) =>
        port.NodePort is null or 0 ? $"{port.Port}/{port.Protocol}" : $"{port.Port}:{port.NodePort}/{port.Protocol}";
}
