using System.Text.Json.Serialization;
using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>A claim that its holder renews to show that it is alive; nodes renew one each in kube-node-lease.</summary>
[ApiType("io.k8s.api.coordination.v1.Lease")]
[Kind("coordination.k8s.io", "v1", "Lease", "leases")]
public sealed record Lease : KubeObject
{
    /// <summary>Who holds the lease, and until when.</summary>
    [Field(2)]
    public LeaseSpec? Spec { get; init; }
}

/// <summary>Who holds the lease, since when, and for how many seconds after the last renewal it stands.</summary>
[ApiType("io.k8s.api.coordination.v1.LeaseSpec")]
public sealed record LeaseSpec
{
    /// <summary>Name of the present holder; empty if nobody holds it.</summary>
    [Field(1)]
    public string? HolderIdentity { get; init; }

    /// <summary>Seconds after renewTime that others have to wait before they may take the lease. Greater than 0.</summary>
    [Field(2)]
    public int? LeaseDurationSeconds { get; init; }

    /// <summary>When the present holder took it.</summary>
    [Field(3)] [JsonConverter(typeof(MicroTimeConverter))]
    public DateTime? AcquireTime { get; init; }

    /// <summary>When the present holder last said that it is still there.</summary>
    [Field(4)] [JsonConverter(typeof(MicroTimeConverter))]
    public DateTime? RenewTime { get; init; }

    /// <summary>How often the lease went from one holder to another.</summary>
    [Field(5)]
    public int? LeaseTransitions { get; init; }

    /// <summary>How a holder is elected where a coordinator does that, e.g. OldestEmulationVersion.</summary>
    [Field(6)]
    public string? Strategy { get; init; }

    /// <summary>Who ought to hold the lease; tells the present holder to give it up. Only with a strategy.</summary>
    [Field(7)]
    public string? PreferredHolder { get; init; }
}
