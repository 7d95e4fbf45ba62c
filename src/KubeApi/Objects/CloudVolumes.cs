using KubeApi.Schema;

namespace KubeApi.Objects;

/// <summary>An AWS disk; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.AWSElasticBlockStoreVolumeSource")]
public sealed record AWSElasticBlockStoreVolumeSource
{
    /// <summary>Identity of the disk.</summary>
    [Field(1, Required = true)]
    public string VolumeID { get; init; } = "";

    /// <summary>File system on it, e.g. ext4. Default: ext4.</summary>
    [Field(2)]
    public string? FsType { get; init; }

    /// <summary>Number of the partition; 0 is the whole disk.</summary>
    [Field(3)]
    public int? Partition { get; init; }

    /// <summary>True mounts it read-only. Default: false.</summary>
    [Field(4)]
    public bool? ReadOnly { get; init; }
}

/// <summary>An Azure disk; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.AzureDiskVolumeSource")]
public sealed record AzureDiskVolumeSource
{
    /// <summary>Name of the disk.</summary>
    [Field(1, Required = true)]
    public string DiskName { get; init; } = "";

    /// <summary>Address of the disk.</summary>
    [Field(2, Required = true)]
    public string DiskURI { get; init; } = "";

    /// <summary>Caching on the host: None, ReadOnly or ReadWrite.</summary>
    [Field(3)]
    public string? CachingMode { get; init; }

    /// <summary>File system on it, e.g. ext4. Default: ext4.</summary>
    [Field(4)]
    public string? FsType { get; init; }

    /// <summary>True mounts it read-only. Default: false.</summary>
    [Field(5)]
    public bool? ReadOnly { get; init; }

    /// <summary>Shared, Dedicated or Managed. Default: Shared.</summary>
    [Field(6)]
    public string? Kind { get; init; }
}

/// <summary>An Azure file share; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.AzureFileVolumeSource")]
public sealed record AzureFileVolumeSource
{
    /// <summary>Name of a Secret with account and key.</summary>
    [Field(1, Required = true)]
    public string SecretName { get; init; } = "";

    /// <summary>Name of the share.</summary>
    [Field(2, Required = true)]
    public string ShareName { get; init; } = "";

    /// <summary>True mounts it read-only. Default: false.</summary>
    [Field(3)]
    public bool? ReadOnly { get; init; }
}

/// <summary>An OpenStack disk; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.CinderVolumeSource")]
public sealed record CinderVolumeSource
{
    /// <summary>Identity of the disk.</summary>
    [Field(1, Required = true)]
    public string VolumeID { get; init; } = "";

    /// <summary>File system on it, e.g. ext4. Default: ext4.</summary>
    [Field(2)]
    public string? FsType { get; init; }

    /// <summary>True mounts it read-only. Default: false.</summary>
    [Field(3)]
    public bool? ReadOnly { get; init; }

    /// <summary>Secret with the settings of OpenStack.</summary>
    [Field(4)]
    public LocalObjectReference? SecretRef { get; init; }
}

/// <summary>A Google Compute Engine disk; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.GCEPersistentDiskVolumeSource")]
public sealed record GCEPersistentDiskVolumeSource
{
    /// <summary>Name of the disk.</summary>
    [Field(1, Required = true)]
    public string PdName { get; init; } = "";

    /// <summary>File system on it, e.g. ext4. Default: ext4.</summary>
    [Field(2)]
    public string? FsType { get; init; }

    /// <summary>Number of the partition; 0 is the whole disk.</summary>
    [Field(3)]
    public int? Partition { get; init; }

    /// <summary>True mounts it read-only. Default: false.</summary>
    [Field(4)]
    public bool? ReadOnly { get; init; }
}

/// <summary>A Photon disk; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.PhotonPersistentDiskVolumeSource")]
public sealed record PhotonPersistentDiskVolumeSource
{
    /// <summary>Identity of the disk.</summary>
    [Field(1, Required = true)]
    public string PdID { get; init; } = "";

    /// <summary>File system on it, e.g. ext4. Default: ext4.</summary>
    [Field(2)]
    public string? FsType { get; init; }
}

/// <summary>A vSphere disk; not served by this node agent.</summary>
[ApiType("io.k8s.api.core.v1.VsphereVirtualDiskVolumeSource")]
public sealed record VsphereVirtualDiskVolumeSource
{
    /// <summary>Path of the disk.</summary>
    [Field(1, Required = true)]
    public string VolumePath { get; init; } = "";

    /// <summary>File system on it, e.g. ext4. Default: ext4.</summary>
    [Field(2)]
    public string? FsType { get; init; }

    /// <summary>Name of the storage policy.</summary>
    [Field(3)]
    public string? StoragePolicyName { get; init; }

    /// <summary>Identity of the storage policy.</summary>
    [Field(4)]
    public string? StoragePolicyID { get; init; }
}
