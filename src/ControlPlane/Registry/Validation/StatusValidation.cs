using System.Globalization;
using KubeApi.Objects;
using KubeApi.Schema;

namespace ControlPlane.Registry.Validation;

/// <summary>Rules for what is written through a status subresource.</summary>
internal static class StatusValidation
{
    private const string MoreThanReplicas = "cannot be greater than status.replicas";

    /// <summary>No number right below status is negative: all of them count something, in every kind.</summary>
    public static void Counts(KubeObject obj, FieldErrors errors)
    {
        if (!TypeSchema.Of(obj.GetType()).Fields.TryGetValue("status", out var status) || status.Property.GetValue(obj) is not { } value) return;
        foreach (var field in TypeSchema.Of(value.GetType()).Fields.Values)
            if (field.Type.Shape == WireShape.Number && field.Property.GetValue(value) is IConvertible number && number.ToInt64(CultureInfo.InvariantCulture) is < 0 and var negative)
                errors.Invalid($"status.{field.Name}", negative, "must be greater than or equal to 0");
    }

    /// <summary>Parts of the replicas are not more than all of them (apps/validation ValidateReplicaSetStatus, ValidateDeploymentStatus).</summary>
    /// <param name="part">Fully labelled ones or updated ones, under the name that the kind gives them.</param>
    public static void Replicas(int all, (string Name, int? Count) part, int? ready, int? available, FieldErrors errors)
    {
        if (part.Count > all) errors.Invalid($"status.{part.Name}", part.Count, MoreThanReplicas);
        if (ready > all) errors.Invalid("status.readyReplicas", ready, MoreThanReplicas);
        if (available > all) errors.Invalid("status.availableReplicas", available, MoreThanReplicas);
        if (available > (ready ?? 0)) errors.Invalid("status.availableReplicas", available, "cannot be greater than readyReplicas");
    }

    /// <summary>How many hash collisions there were is never forgotten.</summary>
    public static void CollisionCount(int? old, int? updated, FieldErrors errors)
    {
        if (old is { } before && (updated ?? 0) < before) errors.Invalid("status.collisionCount", updated ?? 0, "cannot be decremented");
    }

    public static void Namespace(Namespace ns, FieldErrors errors)
    {
        var phase = ns.Status?.Phase ?? "";
        if (ns.Metadata.DeletionTimestamp is null && phase != "Active") errors.Invalid("status.Phase", phase, "may only be 'Active' if `deletionTimestamp` is empty");
        if (ns.Metadata.DeletionTimestamp is not null && phase != "Terminating") errors.Invalid("status.Phase", phase, "may only be 'Terminating' if `deletionTimestamp` is not empty");
    }

    /// <param name="type">Of the Service.</param>
    public static void LoadBalancer(LoadBalancerStatus? status, string? type, FieldErrors errors)
    {
        var ingress = status?.Ingress ?? [];
        if (ingress.Count > 0 && type != "LoadBalancer")
        {
            errors.Forbidden("status.loadBalancer.ingress", "may only be used when `spec.type` is LoadBalancer");
            return;
        }
        for (var i = 0; i < ingress.Count; i++)
        {
            var path = $"status.loadBalancer.ingress[{i}]";
            if (ingress[i].Ip is { Length: > 0 } ip) errors.Check($"{path}.ip", ip, IpAddress.Problem(ip));
            if (ingress[i].IpMode is { } mode)
            {
                if (string.IsNullOrEmpty(ingress[i].Ip)) errors.Forbidden($"{path}.ipMode", "may not be specified when `ip` is not set");
                else errors.OneOf($"{path}.ipMode", mode, "Proxy", "VIP");
            }
            if (ingress[i].Hostname is not { Length: > 0 } host) continue;
            errors.Check($"{path}.hostname", host, Names.Dns1123Subdomain(host));
            if (IpAddress.Parse(host) is not null) errors.Invalid($"{path}.hostname", host, "must be a DNS name, not an IP address");
        }
    }
}
