using System.Text.Json.Serialization;
using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>A claim that its holder renews to show that it is alive; nodes renew one each in kube-node-lease.</summary>
[ApiType("io.k8s.api.coordination.v1.Lease")]
[Kind("coordination.k8s.io", "v1", "Lease", "leases")]
public sealed record Lease : KubeObject
{
    [Field(2)]
    public LeaseSpec? Spec { get; init; }
}

/// <summary>Who holds the lease, since when, and for how many seconds after the last renewal it stands.</summary>
[ApiType("io.k8s.api.coordination.v1.LeaseSpec")]
public sealed record LeaseSpec
{
    [Field(1)]
    public string? HolderIdentity { get; init; }

    [Field(2)]
    public int? LeaseDurationSeconds { get; init; }

    [Field(3)] [JsonConverter(typeof(MicroTimeConverter))]
    public DateTime? AcquireTime { get; init; }

    [Field(4)] [JsonConverter(typeof(MicroTimeConverter))]
    public DateTime? RenewTime { get; init; }

    [Field(5)]
    public int? LeaseTransitions { get; init; }

    [Field(6)]
    public string? Strategy { get; init; }

    [Field(7)]
    public string? PreferredHolder { get; init; }
}
