using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>What a list carries besides its items: the revision it was read at and the token of the next page.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta")]
public sealed record ListMeta
{
    [Field(1)]
    public string? SelfLink { get; init; }

    [Field(2)]
    public string? ResourceVersion { get; init; }

    [Field(3)]
    public string? Continue { get; init; }

    [Field(4)]
    public long? RemainingItemCount { get; init; }

    [Field(5)]
    public ShardInfo? ShardInfo { get; init; }
}

/// <summary>Tells which shard of a sharded list or watch this answer covers.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.ShardInfo")]
public sealed record ShardInfo
{
    [Field(1, Required = true)]
    public string Selector { get; init; } = "";
}
