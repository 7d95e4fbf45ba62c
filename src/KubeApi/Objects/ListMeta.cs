using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>What a list carries besides its items: the revision it was read at and the token of the next page.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta")]
public sealed record ListMeta
{
    /// <summary>Formerly the address of the list. No longer set.</summary>
    [Field(1)]
    public string? SelfLink { get; init; }

    /// <summary>Version of the data that was read; a watch from here on misses no change.</summary>
    [Field(2)]
    public string? ResourceVersion { get; init; }

    /// <summary>
    /// Token with which the next page is asked for, in the parameter of the same name; empty on the last page. It expires after
    /// some minutes.
    /// </summary>
    [Field(3)]
    public string? Continue { get; init; }

    /// <summary>How many items follow on later pages; absent on the last page and where a selector makes the number unknown.</summary>
    [Field(4)]
    public long? RemainingItemCount { get; init; }

    /// <summary>Which part of the whole this answer covers, where only a shard was asked for.</summary>
    [Field(5)]
    public ShardInfo? ShardInfo { get; init; }
}

/// <summary>Tells which shard of a sharded list or watch this answer covers.</summary>
[ApiType("io.k8s.apimachinery.pkg.apis.meta.v1.ShardInfo")]
public sealed record ShardInfo
{
    /// <summary>The shard that was asked for.</summary>
    [Field(1, Required = true)]
    public string Selector { get; init; } = "";
}
